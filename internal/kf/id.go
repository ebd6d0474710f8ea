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

// MediaID is the media_id of a temporary upload. It lives for three days and is
// usable by every application of the corp.
type MediaID string
