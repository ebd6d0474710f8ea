package i18n

import (
	"fmt"
	"reflect"
	"testing"
	"unicode"
)

// TestComplete walks all words of both languages: nothing may be empty, both have the
// same keys, and English has no Chinese in it but the names of WeCom's own pages.
func TestComplete(t *testing.T) {
	for _, lang := range Langs() {
		walk(t, string(lang), reflect.ValueOf(*For(lang)), lang)
	}
	sameKeys(t, "", reflect.ValueOf(zh), reflect.ValueOf(en))
}

// ownNames are the words that stay Chinese in English sentences: what WeCom's pages
// and the language itself are called.
var ownNames = []rune("微信客服通过管理会话消息中文·API企业微信可信服务商后台应用接口内部开发的账号版权限页面地址范围见成员部门列表接收设置事件升级配置知识库机器人通讯录数据统计素材联系客户群申请认证")

func walk(t *testing.T, path string, v reflect.Value, lang Lang) {
	switch v.Kind() {
	case reflect.String:
		if v.String() == "" && path != string(lang)+".Error.Kinds[offline].Text" {
			t.Errorf("%s is empty", path)
		}
		if lang == EN {
			english(t, path, v.String())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walk(t, path+"."+v.Type().Field(i).Name, v.Field(i), lang)
		}
	case reflect.Map:
		if v.Len() == 0 {
			t.Errorf("%s is empty", path)
		}
		for _, k := range v.MapKeys() {
			walk(t, fmt.Sprintf("%s[%v]", path, k), v.MapIndex(k), lang)
		}
	case reflect.Func:
		if v.IsNil() {
			t.Errorf("%s is missing", path)
			return
		}
		var args []reflect.Value
		for i := range v.Type().NumIn() {
			args = append(args, sample(v.Type().In(i)))
		}
		for _, out := range v.Call(args) {
			walk(t, path+"()", out, lang)
		}
	}
}

// sample is an argument for a sentence: 2 for a number, "x" for a name.
func sample(typ reflect.Type) reflect.Value {
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.Int, reflect.Int64:
		v.SetInt(2)
	case reflect.String:
		v.SetString("x")
	}
	return v
}

func english(t *testing.T, path, s string) {
	for _, r := range s {
		if !unicode.Is(unicode.Han, r) {
			continue
		}
		own := false
		for _, o := range ownNames {
			own = own || o == r
		}
		if !own {
			t.Errorf("%s has Chinese: %q", path, s)
			return
		}
	}
}

func sameKeys(t *testing.T, path string, a, b reflect.Value) {
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			sameKeys(t, path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
		}
	case reflect.Map:
		for _, k := range a.MapKeys() {
			if !b.MapIndex(k).IsValid() {
				t.Errorf("%s[%v] is missing in English", path, k)
			}
		}
		if a.Len() != b.Len() {
			t.Errorf("%s has %d and %d keys", path, a.Len(), b.Len())
		}
	}
}

func TestMatch(t *testing.T) {
	for accept, want := range map[string]Lang{"": ZH, "de,en;q=0.8": EN, "zh-TW,en": ZH, "en-GB,zh": EN, "fr": ZH, "ZH": ZH} {
		if got := Match(accept); got != want {
			t.Errorf("Match(%q) = %q, want %q", accept, got, want)
		}
	}
}
