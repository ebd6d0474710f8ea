package kf

import (
	"regexp"
	"strings"
	"time"
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

// Limits of messages and of what goes with them, checked before a call is sent.
// Bytes are those of UTF-8.
const (
	MaxSyncPage         = 1000 // entries on one page of sync_msg
	MaxCustomersPerCall = 100  // customers in one customer/batchget
	MaxMessageID        = 32   // bytes in a msgid of ours
	MaxCustomerID       = 64   // bytes in an external_userid

	MaxTextBytes             = 2048 // bytes in a text
	MaxLinkTitleBytes        = 128  // bytes in the title of a link
	MaxLinkDescBytes         = 512  // bytes in the description of a link
	MaxURLBytes              = 2048 // bytes in the address of a link
	MaxMiniProgramTitleBytes = 64   // bytes in the title of a mini program
	MaxAppIDBytes            = 32   // bytes in the appid of a mini program
	MaxPagePathBytes         = 1024 // bytes in the pagepath of a mini program
	MaxMenuItems             = 10   // items of a menu: the strictest figure of the documents
	MaxMenuTextBytes         = 1024 // bytes above and below a menu, and in an item that opens something
	MaxMenuIDBytes           = 128  // bytes in the id of an item to tap
	MaxClickBytes            = 128  // bytes in an item to tap
	MaxMenuLineBytes         = 256  // bytes in an item to read

	MinFileBytes    = 6        // in an upload: WeCom takes more than 5
	MaxPictureBytes = 10 << 20 // in an image to be sent; MaxImageBytes is for avatars
	MaxVoiceBytes   = 2 << 20  // in a voice
	MaxVideoBytes   = 10 << 20 // in a video
	MaxFileBytes    = 20 << 20 // in any other file, and in anything that is received
	MaxVoiceSeconds = 60       // of a voice
)

// Times and numbers that WeCom keeps to, for callers to reckon with.
const (
	SendWindow      = 48 * time.Hour // SendMsg works for this long after a message of the customer
	SendQuota       = 5              // and this often
	WelcomeCodeLife = 20 * time.Second
	EndingCodeLife  = 20 * time.Second
	ReplyCodeLife   = 48 * time.Hour   // codes of the queue and of who picks up
	SyncTokenLife   = 10 * time.Minute // token of a callback
	SyncsPerMinute  = 10               // calls of SyncMsg without a token
	HistoryLife     = 3 * 24 * time.Hour
	MediaLife       = 3 * 24 * time.Hour
	ProfileWindow   = 48 * time.Hour // Customers knows a customer for this long after the last entry or message
)

// scenePattern is what WeCom takes in a scene and in a msgid.
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

func checkCustomerID(id CustomerID) error {
	return checkID("external_userid", string(id), MaxCustomerID)
}

// checkMessageID takes an id of ours, or none.
func checkMessageID(id MessageID) error {
	switch {
	case len(id) > MaxMessageID:
		return &ArgumentError{Field: "msgid", Rule: RuleMaxBytes, Limit: MaxMessageID}
	case !scenePattern.MatchString(string(id)):
		return &ArgumentError{Field: "msgid", Rule: RuleCharacters}
	}
	return nil
}

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
