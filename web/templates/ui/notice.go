package ui

// ErrorModel says everything about one failure of WeCom. Empty parts are left
// out.
type ErrorModel struct {
	// Title is the sentence that sums it up; Tried names what was tried.
	Title, Tried string
	// Code is the errcode ("95004"), Message WeCom's own words.
	Code, Message string
	// Meaning, Cause and Advice are our words about the code.
	Meaning, Cause, Advice string
	// HintID, FromIP and RequestID are for WeCom's support, for the list of trusted
	// addresses, and for our log.
	HintID, FromIP, RequestID string
	// AuditHref leads to the entry.
	AuditHref string
	// Retry is the button that tries again, where that is safe.
	Retry Btn
	// Tone is ToneDanger when empty; ToneWarn when the end is unknown.
	Tone Tone
}

func (e ErrorModel) tone() Tone {
	if e.Tone == "" {
		return ToneDanger
	}
	return e.Tone
}

// ToastModel names what changed.
type ToastModel struct {
	Tone Tone
	Text string
	// Undo takes the change back; shown when its Action is set.
	Undo UndoModel
	// AuditHref leads to the entry.
	AuditHref string
}

func (t ToastModel) tone() Tone {
	if t.Tone == "" {
		return ToneOK
	}
	return t.Tone
}

// UndoModel is a form with one button.
type UndoModel struct {
	Action string
	Fields []Pair
}

// DialogModel is a box above the page. A button with data-dialog="ID" opens it.
type DialogModel struct {
	ID, Title string
	// Wide is for tables and palettes.
	Wide bool
}
