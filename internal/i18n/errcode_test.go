package i18n

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// published are the codes of WeCom's table that can concern this console. 95010, 95020, 95024, 95025, 95028 and 95029 are
// missing there as well.
var published = []int{
	-1, 6000, 40001, 40003, 40004, 40005, 40006, 40007, 40008, 40009, 40011, 40013, 40014, 40029, 40031, 40032, 40033, 40035, 40039,
	40054, 40055, 40056, 40058, 40063, 40066, 40091, 40094, 40096, 40123, 40201, 40203, 40204, 40206, 41001, 41002, 41004, 41006,
	41048, 41050, 41051, 41096, 42001, 42003, 42022, 43004, 43009, 43012, 44001, 44004, 45001, 45002, 45009, 45029, 45031, 45033,
	45034, 46004, 48001, 48002, 48004, 48005, 48006, 48007, 48009, 50001, 50002, 50003, 60003, 60011, 60020, 60021, 60031, 60111,
	60123, 60251, 60252, 60253, 81013, 82001, 84061, 95000, 95001, 95002, 95003, 95004, 95005, 95006, 95007, 95008, 95009, 95011,
	95012, 95013, 95014, 95015, 95016, 95017, 95018, 95019, 95021, 95022, 95023, 95026, 95027, 95030, 95031, 95032, 301002, 301021,
	610016, 830002,
}

func TestErrcodesAreComplete(t *testing.T) {
	if got := Errcodes(); !slices.Equal(got, published) {
		t.Errorf("codes with words: %v\nwant %v", got, published)
	}
	if len(errcodeZH) != len(errcodeEN) {
		t.Errorf("%d codes in Chinese, %d in English", len(errcodeZH), len(errcodeEN))
	}
	for _, code := range published {
		for _, l := range Langs() {
			if e := Errcode(string(l), code); !e.Known || e.Retry == "" {
				t.Errorf("%s %d: %+v", l, code, e)
			}
			checkWords(t, l, Errcode(string(l), code))
		}
	}
}

// checkWords finds an empty text, one in the wrong language, and one without its full stop.
func checkWords(t *testing.T, l Lang, e Explanation) {
	t.Helper()
	stop := "。"
	if l == EN {
		stop = "."
	}
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF })
	}
	switch {
	case e.Meaning == "" || e.Cause == "" || e.Advice == "":
		t.Errorf("%s: empty text in %+v", l, e)
	case !strings.HasSuffix(e.Cause, stop) || !strings.HasSuffix(e.Advice, stop) || strings.HasSuffix(e.Meaning, stop):
		t.Errorf("%s: full stops of %+v", l, e)
	case han(e.Meaning+e.Cause) != (l == ZH), l == ZH && !han(e.Advice):
		t.Errorf("%s: language of %+v", l, e)
	case strings.ContainsAny(e.Meaning+e.Cause+e.Advice, "!！"):
		t.Errorf("%s: exclamation in %+v", l, e)
	}
}

func TestErrcodeUnknown(t *testing.T) {
	for _, l := range Langs() {
		for _, code := range []int{1, 95010, 95033, -2, 999999} {
			e := Errcode(string(l), code)
			if e.Known || e.Retry != RetryNone || !strings.Contains(e.Meaning, strconv.Itoa(code)) {
				t.Errorf("%s %d: %+v", l, code, e)
			}
			checkWords(t, l, e)
		}
	}
}

func TestRetryClasses(t *testing.T) {
	for code, want := range map[int]Retry{
		-1: RetryLater, 45009: RetryLater, 45033: RetryLater, 40001: RetryToken, 40014: RetryToken, 42001: RetryToken, 41001: RetryNone,
		95013: RetryState, 95016: RetryState, 95018: RetryState, 95004: RetryNone, 60020: RetryNone, 48007: RetryNone,
	} {
		if got := Errcode(string(ZH), code).Retry; got != want || Errcode(string(EN), code).Retry != want {
			t.Errorf("%d: %s, want %s", code, got, want)
		}
	}
}

func TestFailures(t *testing.T) {
	kinds := map[string]Retry{
		KindNotSent: RetryLater, KindUnknown: RetryState, KindTimeout: RetryState, KindHTTP: RetryLater, KindHTML: RetryLater,
		KindIncomplete: RetryLater, KindEmpty: RetryLater,
	}
	for _, l := range Langs() {
		for kind, want := range kinds {
			e := Network(string(l), kind)
			if !e.Known || e.Retry != want {
				t.Errorf("%s %s: %+v", l, kind, e)
			}
			checkWords(t, l, e)
		}
		if e := Network(string(l), "no such kind"); e.Known || e.Meaning != Network(string(l), KindUnknown).Meaning {
			t.Errorf("%s: unknown kind: %+v", l, e)
		}
	}
	if len(failureZH) != len(kinds) || len(failureEN) != len(kinds) {
		t.Errorf("%d and %d kinds, want %d", len(failureZH), len(failureEN), len(kinds))
	}
}
