package kf

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of the protocol, checked before a call is sent.
const (
	MaxNameChars    = 16      // characters in the name of an account
	MaxAccountID    = 64      // bytes in an open_kfid
	MaxUserID       = 64      // bytes in a userid
	MaxMediaIDBytes = 128     // bytes in the media_id of an avatar
	MaxSceneBytes   = 32      // bytes in a scene
	MaxPage         = 100     // accounts on one page of account/list
	MaxUsersPerCall = 100     // members in one servicer/add or servicer/del
	MaxDepartments  = 20      // departments in one servicer/add or servicer/del
	MinImageBytes   = 6       // WeCom takes files of more than 5 bytes
	MaxImageBytes   = 2 << 20 // the strictest figure WeCom has published for avatars
)

var scenePattern = regexp.MustCompile(`^[0-9A-Za-z_-]*$`)

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return &ArgumentError{Field: "name", Rule: RuleRequired}
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable):
		return &ArgumentError{Field: "name", Rule: RuleCharacters}
	case utf8.RuneCountInString(name) > MaxNameChars:
		return &ArgumentError{Field: "name", Rule: RuleMaxChars, Limit: MaxNameChars}
	}
	return nil
}

// unprintable reports the characters that JSON can only carry as \uxxxx
// sequences, which WeCom refuses with 40033.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

func checkScene(scene string) error {
	switch {
	case len(scene) > MaxSceneBytes:
		return &ArgumentError{Field: "scene", Rule: RuleMaxBytes, Limit: MaxSceneBytes}
	case !scenePattern.MatchString(scene):
		return &ArgumentError{Field: "scene", Rule: RuleCharacters}
	}
	return nil
}

// checkID holds for every identifier: present, not too long, printable.
func checkID(field, id string, limit int) error {
	switch {
	case id == "":
		return &ArgumentError{Field: field, Rule: RuleRequired}
	case len(id) > limit:
		return &ArgumentError{Field: field, Rule: RuleMaxBytes, Limit: limit}
	case !utf8.ValidString(id) || strings.ContainsFunc(id, unprintable):
		return &ArgumentError{Field: field, Rule: RuleCharacters}
	}
	return nil
}

func checkAccountID(id AccountID) error { return checkID("open_kfid", string(id), MaxAccountID) }

func checkMediaID(id MediaID) error { return checkID("media_id", string(id), MaxMediaIDBytes) }

func checkUserID(id UserID) error { return checkID("userid", string(id), MaxUserID) }

func checkDepartmentID(id DepartmentID) error {
	if id <= 0 {
		return &ArgumentError{Field: "department_id", Rule: RuleRange}
	}
	return nil
}

func checkServicers(s Servicers) error {
	switch {
	case len(s.UserIDs) == 0 && len(s.Departments) == 0:
		return &ArgumentError{Field: "userid_list", Rule: RuleRequired}
	case len(s.UserIDs) > MaxUsersPerCall:
		return &ArgumentError{Field: "userid_list", Rule: RuleMaxItems, Limit: MaxUsersPerCall}
	case len(s.Departments) > MaxDepartments:
		return &ArgumentError{Field: "department_id_list", Rule: RuleMaxItems, Limit: MaxDepartments}
	}
	for _, id := range s.UserIDs {
		if err := checkUserID(id); err != nil {
			return err
		}
	}
	for _, id := range s.Departments {
		if err := checkDepartmentID(id); err != nil {
			return err
		}
	}
	return nil
}
