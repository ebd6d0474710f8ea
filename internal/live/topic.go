package live

import "strings"

// Topics of change rows beside TopicAccounts: what a browser can ask to be told of. A change row names one of them or the
// topic of one conversation; it says that something changed, never what.
const (
	TopicConversations = "conversations" // any conversation: state, waiting, last message
	TopicCustomers     = "customers"     // profiles of customers
	TopicSync          = "sync"          // how the sync with WeCom is doing
	TopicReplies       = "replies"       // rules of coded messages, and what became of a code
)

// TopicConversation is the kind of the topics that ConversationTopic makes.
const TopicConversation = "conversation"

// ConversationTopic is the topic of one conversation: its rows and its state.
func ConversationTopic(id string) string { return TopicConversation + "/" + id }

// TopicKind tells what a topic is about: the topic itself, or TopicConversation for that of one conversation. ok is false
// for anything that no change row can name.
func TopicKind(topic string) (kind string, ok bool) {
	switch topic {
	case TopicConversations, TopicCustomers, TopicAccounts, TopicSync, TopicReplies:
		return topic, true
	}
	id, ok := strings.CutPrefix(topic, TopicConversation+"/")
	if !ok || len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
		return "", false
	}
	return TopicConversation, true
}
