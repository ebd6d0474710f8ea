package gallery

import "kfconsole/web/templates/ui"

// shopAccount is a row of the list of accounts.
type shopAccount struct {
	name, id       string
	managed        bool
	serving, staff int
	links          int
	minutes        int
}

func shopAccounts(v ui.View) []shopAccount {
	return []shopAccount{
		{tr(v, "售前咨询", "Pre-sales"), "wkAJ2GCAAAZSfhHCt7IFSvLKtMPxyAA1", true, 8, 11, 6, 1},
		{tr(v, "售后与退换", "After-sales and returns"), "wkAJ2GCAAAo1qkMDGExbCDUYk0yXyAA2", true, 5, 9, 4, 12},
		{tr(v, "门店预约", "Shop appointments"), "wkAJ2GCAAAnq84KDWnfEDsR2bxhKmAA3", true, 3, 3, 12, 95},
		{tr(v, "VIP 专席", "VIP desk"), "wkAJ2GCAAAcV7dPLTdwFFx9yzVqBoAA4", true, 2, 4, 1, 300},
		{tr(v, "物流查询", "Delivery"), "wkAJ2GCAAAbW9xQXv8sTTdqM4nRzpAA5", true, 0, 5, 3, 1500},
		{tr(v, "企业采购", "Business orders"), "wkAJ2GCAAAhT6yLm2nPUfCwKq5vXrAA6", false, 1, 2, 2, 4000},
		{tr(v, "安装师傅", "Fitters"), "wkAJ2GCAAAqU2iBn8jRGdZsV3tYwcAA7", true, 6, 8, 0, 9000},
		{tr(v, "视频号小店", "Channels shop"), "wkAJ2GCAAAeR5uVk4hNJaXbF7mQdeAA8", true, 4, 6, 8, 20000},
	}
}

// shopPerson is a servicer.
type shopPerson struct {
	name, id string
	tone     ui.Tone
	icon     string
	zh, en   string
}

func shopPeople(v ui.View) []shopPerson {
	return []shopPerson{
		{tr(v, "客服一号", "Agent One"), "agent01", ui.ToneOK, "user-check", "接待中", "Serving"},
		{tr(v, "客服二号", "Agent Two"), "agent02", ui.ToneOK, "user-check", "接待中", "Serving"},
		{tr(v, "晚班三号", "Night Three"), "night03", ui.ToneNeutral, "circle-pause", "停止接待", "Stopped"},
		{tr(v, "门店四号", "Shop Four"), "shop04", ui.ToneWarn, "hourglass", "暂时挂起", "Suspended"},
	}
}

// square is a made-up code: enough of a pattern to look like one.
func square() [][2]int {
	var dots [][2]int
	seed := uint32(7)
	for y := range 29 {
		for x := range 29 {
			seed = seed*1664525 + 1013904223
			corner := (x < 8 && y < 8) || (x > 20 && y < 8) || (x < 8 && y > 20)
			if !corner && seed>>31 == 1 {
				dots = append(dots, [2]int{x, y})
			}
		}
	}
	return dots
}
