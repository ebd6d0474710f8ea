// Package live keeps the local copy of what WeCom is the truth of in step with WeCom: accounts with their pictures,
// servicers, departments and people. It asks in the background, at a pace that WeCom cannot mistake for an attack, and on
// demand; it notes per topic when it last succeeded and why it last failed.
//
// A copy is changed only by a complete answer: a list that breaks off changes nothing. The package knows nothing of
// operators, their rights, pages or words, and changes nothing at WeCom.
package live
