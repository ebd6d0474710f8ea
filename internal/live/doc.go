// Package live keeps the local copy of what WeCom is the truth of in step with WeCom: accounts with their pictures,
// servicers, departments and people. It asks in the background, at a pace that WeCom cannot mistake for an attack, and on
// demand; it notes per topic when it last succeeded and why it last failed.
//
// It also reads the messages of all accounts, such that none is lost and none is there twice, and folds them into
// conversations and visits. What cannot wait is done on the way: coded messages by the rules of the operators, media before
// WeCom forgets them, profiles at first contact. Cursor, messages and what they come to are one transaction.
//
// A copy is changed only by a complete answer: a list that breaks off changes nothing. The package knows nothing of
// operators, their rights, pages or words, and changes nothing at WeCom: those coded messages
// are all it sends.
package live
