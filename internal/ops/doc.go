// Package ops makes every change that an operator asks for, and writes it down.
//
// A change at WeCom has three steps: the intent is written to disk, one remote call is made (before it, where there is a picture, the
// upload, which changes nothing), the outcome is written together with our own copy. If the intent cannot be written, nothing is sent. If the end of the call is not known, the intent stays open and is
// settled later by asking WeCom what is there; nothing is ever repeated blindly. A change of our own data writes intent, rows and
// outcome in one transaction. Servicers, and many conversations at once, are changed in runs of many calls, which go on in the background and
// survive a restart. A message that is sent is in the timeline of its conversation before it leaves; what it says is never in the audit log.
//
// The package knows WeCom, the database and the operators' rights. It knows neither HTTP serving nor words: errors are kinds and codes.
package ops
