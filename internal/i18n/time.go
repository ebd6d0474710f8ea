package i18n

import (
	"fmt"
	"time"
)

// Time says moments and spans in words.
type Time struct {
	Never, JustNow string
	// Seconds, Minutes, Hours and Days name a span that lies behind.
	Seconds, Minutes, Hours, Days func(n int) string
	// Zones names the time zones an operator may choose.
	Zones map[string]string
}

var timeZH = Time{
	Never: "从未", JustNow: "刚刚",
	Seconds: func(n int) string { return fmt.Sprintf("%d 秒前", n) },
	Minutes: func(n int) string { return fmt.Sprintf("%d 分钟前", n) },
	Hours:   func(n int) string { return fmt.Sprintf("%d 小时前", n) },
	Days:    func(n int) string { return fmt.Sprintf("%d 天前", n) },
	Zones: map[string]string{"Asia/Shanghai": "北京时间", "Asia/Hong_Kong": "香港时间", "Asia/Singapore": "新加坡时间", "Asia/Tokyo": "东京时间",
		"Europe/London": "伦敦时间", "Europe/Berlin": "柏林时间", "America/New_York": "纽约时间", "America/Los_Angeles": "洛杉矶时间", "UTC": "协调世界时"},
}

var timeEN = Time{
	Never: "never", JustNow: "just now",
	Seconds: func(n int) string { return fmt.Sprintf("%d s ago", n) },
	Minutes: func(n int) string { return fmt.Sprintf("%d min ago", n) },
	Hours:   func(n int) string { return fmt.Sprintf("%d h ago", n) },
	Days:    func(n int) string { return plural(n, "day", "days") + " ago" },
	Zones: map[string]string{"Asia/Shanghai": "Beijing time", "Asia/Hong_Kong": "Hong Kong time", "Asia/Singapore": "Singapore time", "Asia/Tokyo": "Tokyo time",
		"Europe/London": "London time", "Europe/Berlin": "Berlin time", "America/New_York": "New York time", "America/Los_Angeles": "Los Angeles time", "UTC": "UTC"},
}

// Zones lists the time zones an operator may choose, the default first.
func Zones() []string {
	return []string{"Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Tokyo", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "UTC"}
}

// Ago says how far at lies behind now: seconds below a minute, then minutes,
// hours, days, and the date when more than 30 days have passed. A moment ahead of
// now, which a clock that was set can give, is just now.
func (m *Messages) Ago(now, at time.Time) string {
	t := m.Time
	if at.IsZero() {
		return t.Never
	}
	d := now.Sub(at)
	switch {
	case d < 5*time.Second:
		return t.JustNow
	case d < time.Minute:
		return t.Seconds(int(d / time.Second))
	case d < time.Hour:
		return t.Minutes(int(d / time.Minute))
	case d < 24*time.Hour:
		return t.Hours(int(d / time.Hour))
	case d < 30*24*time.Hour:
		return t.Days(int(d / (24 * time.Hour)))
	}
	return at.Format("2006-01-02")
}

// Exact gives the date and time of at to the second in a zone, with the name of
// the zone.
func (m *Messages) Exact(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return m.Time.Never
	}
	return at.In(zone).Format("2006-01-02 15:04:05") + " " + m.Zone(zone)
}

// Zone names a time zone.
func (m *Messages) Zone(zone *time.Location) string {
	if s, ok := m.Time.Zones[zone.String()]; ok {
		return s
	}
	return zone.String()
}

// plural joins a number and the noun that fits it.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
