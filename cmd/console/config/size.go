package config

import (
	"math"
	"strconv"
	"strings"
)

// Media are the limits of kept pictures, voices and files, in bytes; 0 is the default of whoever keeps them.
type Media struct{ Limit, Quota int64 }

// Media reads both sizes. The error names the setting.
func (c Config) Media() (m Media, err error) {
	for _, s := range []struct {
		setting, text string
		value         *int64
	}{
		{"KFCONSOLE_MEDIA_LIMIT", c.MediaLimit, &m.Limit},
		{"KFCONSOLE_MEDIA_QUOTA", c.MediaQuota, &m.Quota},
	} {
		if s.text == "" {
			continue
		}
		var ok bool
		if *s.value, ok = size(s.text); !ok {
			return m, &Error{s.setting, "want a number with KB, MB, GB or TB behind it, such as 20MB"}
		}
	}
	if m.Quota != 0 && m.Quota < m.Limit {
		return m, &Error{"KFCONSOLE_MEDIA_QUOTA", "want at least as much as KFCONSOLE_MEDIA_LIMIT"}
	}
	return m, nil
}

// size reads a number of bytes; a unit is 1 024 of the one before it.
func size(text string) (int64, bool) {
	text = strings.ToUpper(strings.ReplaceAll(text, " ", ""))
	unit := int64(1)
	for i, suffix := range []string{"KB", "MB", "GB", "TB"} {
		if rest, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = rest, int64(1)<<(10*(i+1))
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || unit == 1 || n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}
