package kfsim

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// scriptTable is what the made-up customers of the demo talk about. A talk begins with a line of
//
//	# account | scene | scene_param | nickname | state the talk is in when the demo starts
//
// and has a step a line, told by its first character:
//
//	>  the customer writes     <  the servicer answers     @  the app answers     x  the customer recalls what he wrote last
//	q  the app moves it to the pool     +  a servicer picks it up     ~  he transfers it     =  he ends it     e  the app ends it
//	*  the customer taps that item of the last menu     ?  the same, of the menu that came after the end
//
//go:embed script_talks.txt
var scriptTable string

// scriptTalk is one scripted talk.
type scriptTalk struct {
	account, scene, param, name string
	state                       int
	steps                       []scriptStep
}

// scriptStep is one thing that happens in it.
type scriptStep struct {
	kind    byte
	content Content
	who     string
	item    int
}

// scriptTalks reads the table.
func scriptTalks(table string) ([]scriptTalk, error) {
	var talks []scriptTalk
	number := 0
	for line := range strings.Lines(table) {
		number++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		var err error
		switch rest := strings.TrimSpace(line[1:]); {
		case line[0] == '#':
			var t scriptTalk
			t, err = scriptHead(rest)
			talks = append(talks, t)
		case len(talks) == 0:
			err = fmt.Errorf("no talk has begun")
		default:
			var step scriptStep
			step, err = readStep(line[0], rest)
			last := &talks[len(talks)-1]
			last.steps = append(last.steps, step)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return talks, nil
}

func scriptHead(text string) (t scriptTalk, err error) {
	parts := strings.Split(text, "|")
	if len(parts) != 5 {
		return t, fmt.Errorf("%d parts, want 5", len(parts))
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	t.account, t.scene, t.param, t.name = parts[0], parts[1], strings.ReplaceAll(parts[2], "=", "%3D"), parts[3]
	t.state, err = strconv.Atoi(parts[4])
	return t, err
}

func readStep(kind byte, rest string) (step scriptStep, err error) {
	step.kind = kind
	switch kind {
	case '>', '<', '@':
		step.content, err = scriptContent(rest)
	case '+', '~':
		step.who = rest
	case '*', '?':
		step.item, err = strconv.Atoi(rest)
	case 'q', '=', 'x', 'e':
	default:
		err = fmt.Errorf("no step begins with %q", kind)
	}
	return step, err
}

// scriptContent reads a text, or something else in brackets: its msgtype and, between bars, its values.
func scriptContent(text string) (Content, error) {
	inside, ok := strings.CutPrefix(text, "[")
	if !ok {
		return TextContent(text), nil
	}
	kind, rest, _ := strings.Cut(strings.TrimSuffix(inside, "]"), " ")
	v := strings.Split(rest, "|")
	need := map[string]int{
		"image": 1, "voice": 1, "video": 1, "file": 1, "location": 4, "link": 3, "product": 3, "order": 4, "channels": 3,
		"miniprogram": 3, "card": 1, "merged": 2, "menu": 3, "note": 1, "meeting": 1,
	}[kind]
	if need == 0 || len(v) < need {
		return Content{}, fmt.Errorf("%s wants %d values", kind, need)
	}
	switch kind {
	case "image", "voice", "video", "file":
		return demoFile(kind, v[0])
	case "location":
		lat, err := strconv.ParseFloat(v[2], 64)
		lon, err2 := strconv.ParseFloat(v[3], 64)
		if err != nil || err2 != nil {
			return Content{}, fmt.Errorf("%s is no place", text)
		}
		return Content{kind, map[string]any{"name": v[0], "address": v[1], "latitude": lat, "longitude": lon}}, nil
	}
	return scriptCard(kind, v), nil
}

// demoFile is a picture by its name, a voice message by its seconds, a video, or a file by its name.
func demoFile(kind, name string) (Content, error) {
	fields := map[string]any{}
	switch kind {
	case "image":
		fields["filename"], fields["data"] = name+".png", demoPicture(name)
	case "voice":
		seconds, err := strconv.Atoi(name)
		if err != nil {
			return Content{}, fmt.Errorf("voice of %q seconds", name)
		}
		fields["filename"], fields["data"] = "voice.amr", silentVoice(seconds)
	case "file":
		fields["filename"], fields["data"] = name, onePagePDF("Spruce Home")
	}
	return Content{kind, fields}, nil
}

// scriptCard is one of the messages that are a few texts in a frame.
func scriptCard(kind string, v []string) Content {
	switch kind {
	case "link":
		return Content{"link", map[string]any{"title": v[0], "desc": v[1], "url": v[2]}}
	case "product":
		return Content{"channels_shop_product", map[string]any{"product_id": madeID("", 16, "product", v[0]), "title": v[0], "sales_price": v[1], "shop_nickname": v[2]}}
	case "order":
		return Content{"channels_shop_order", map[string]any{"order_id": v[0], "product_titles": v[1], "price_wording": v[2], "state": v[3], "shop_nickname": "云杉家居旗舰店"}}
	case "channels":
		kind, _ := strconv.Atoi(v[0]) // anything else is a post
		return Content{"channels", map[string]any{"sub_type": max(1, kind), "nickname": v[1], "title": v[2]}}
	case "miniprogram":
		return Content{"miniprogram", map[string]any{"title": v[0], "appid": v[1], "pagepath": v[2]}}
	case "card":
		return Content{"business_card", map[string]any{"userid": v[0]}}
	case "menu":
		return menuContent(v[0], v[1:], "")
	case "merged":
		return Content{"merged_msg", map[string]any{"title": v[0], "item": mergedItems(v[1:])}}
	}
	return Content{Type: kind}
}

// menuContent is a menu of items to tap.
func menuContent(head string, items []string, tail string) Content {
	list := make([]any, 0, len(items))
	for i, text := range items {
		list = append(list, map[string]any{"type": "click", "click": map[string]any{"id": "item_" + strconv.Itoa(i+1), "content": text}})
	}
	fields := map[string]any{"head_content": head, "list": list}
	if tail != "" {
		fields["tail_content"] = tail
	}
	return Content{"msgmenu", fields}
}

// mergedItems are the entries of a forwarded chat record, each a name, a colon and a text.
func mergedItems(lines []string) []any {
	items := make([]any, 0, len(lines))
	for i, line := range lines {
		name, text, _ := strings.Cut(line, ":")
		inner, _ := json.Marshal(map[string]any{"msgtype": "text", "text": map[string]string{"content": text}}) // only texts: cannot fail
		items = append(items, map[string]any{"send_time": 1760000000 + 60*i, "msgtype": "text", "sender_name": name, "msg_content": string(inner)})
	}
	return items
}
