package kf

import "strings"

// AccountID is the open_kfid of a customer service account, at most 64 bytes.
type AccountID string

// CustomerID is the external_userid of a WeChat customer.
type CustomerID string

// UserID is the userid of a member of the corp, 1 to 64 bytes. WeCom does not
// tell upper from lower case in it: compare with [UserID.Equal], not with ==.
type UserID string

// Equal reports whether u and v name the same member.
func (u UserID) Equal(v UserID) bool { return strings.EqualFold(string(u), string(v)) }

// DepartmentID is the number of a department in the address book. The root is 1.
type DepartmentID int64

// MessageID is the msgid of a message or an event. WeCom's own are 41 to 45
// bytes; one that we give is at most MaxMessageID bytes of 0-9 a-z A-Z _ and -.
type MessageID string

// Cursor is a place in the messages of an account. Empty is the oldest message
// that WeCom still has.
type Cursor string

// ChatID is the chat_id of a group of customers.
type ChatID string

// MediaID is the media_id of a temporary upload. It lives for three days and is
// usable by every application of the corp.
type MediaID string
