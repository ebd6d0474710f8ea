package kfsim

import "math"

// tally is what is counted of a day, for one servicer or an account.
type tally struct {
	sessions, customers, messages int

	// The assistant's part, of an account only. The last two are of WeCom's own assistant.
	assisted, assistantAsked, handed int
	assistantMessages, known         int

	asked, replied int // sessions with a message to a servicer; those of them with his answer
	waited         int // seconds until these answers, together

	surveys, rated, satisfied, middling int

	upgraded, memberInvites, membersAdded, groupInvites, groupsJoined int

	rejected int
}

// plus adds what was counted apart.
func (t *tally) plus(o *tally) {
	t.sessions, t.customers, t.messages = t.sessions+o.sessions, t.customers+o.customers, t.messages+o.messages
	t.assisted, t.assistantAsked, t.handed = t.assisted+o.assisted, t.assistantAsked+o.assistantAsked, t.handed+o.handed
	t.assistantMessages, t.known = t.assistantMessages+o.assistantMessages, t.known+o.known
	t.asked, t.replied, t.waited = t.asked+o.asked, t.replied+o.replied, t.waited+o.waited
	t.surveys, t.rated, t.satisfied, t.middling = t.surveys+o.surveys, t.rated+o.rated, t.satisfied+o.satisfied, t.middling+o.middling
	t.upgraded, t.memberInvites, t.membersAdded = t.upgraded+o.upgraded, t.memberInvites+o.memberInvites, t.membersAdded+o.membersAdded
	t.groupInvites, t.groupsJoined, t.rejected = t.groupInvites+o.groupInvites, t.groupsJoined+o.groupsJoined, t.rejected+o.rejected
}

type corpStatistic struct {
	Sessions     int      `json:"session_cnt"`
	Customers    int      `json:"customer_cnt"`
	Messages     int      `json:"customer_msg_cnt"`
	Upgraded     int      `json:"upgrade_service_customer_cnt"`
	Assisted     int      `json:"ai_session_reply_cnt"`
	TransferRate *float64 `json:"ai_transfer_rate,omitempty"`
	HitRate      *float64 `json:"ai_knowledge_hit_rate,omitempty"`
	Rejected     int      `json:"msg_rejected_customer_cnt"`
}

type servicerStatistic struct {
	Sessions      int      `json:"session_cnt"`
	Customers     int      `json:"customer_cnt"`
	Messages      int      `json:"customer_msg_cnt"`
	ReplyRate     *float64 `json:"reply_rate,omitempty"`
	FirstReply    *float64 `json:"first_reply_average_sec,omitempty"`
	Surveys       int      `json:"satisfaction_investgate_cnt"` // spelt as the protocol has it
	Participation *float64 `json:"satisfaction_participation_rate,omitempty"`
	Satisfied     *float64 `json:"satisfied_rate,omitempty"`
	Middling      *float64 `json:"middling_rate,omitempty"`
	Dissatisfied  *float64 `json:"dissatisfied_rate,omitempty"`
	Upgraded      int      `json:"upgrade_service_customer_cnt"`
	MemberInvites int      `json:"upgrade_service_member_invite_cnt"`
	MembersAdded  int      `json:"upgrade_service_member_customer_cnt"`
	GroupInvites  int      `json:"upgrade_service_groupchat_invite_cnt"`
	GroupsJoined  int      `json:"upgrade_service_groupchat_customer_cnt"`
	Rejected      int      `json:"msg_rejected_customer_cnt"`
}

// figures is the statistic of a day. With an account that is managed by API, WeCom's own assistant and surveys are off.
func (t *tally) figures(corp, managed bool) any {
	own := *t
	if managed {
		own.assistantMessages, own.surveys, own.rated = 0, 0, 0
	}
	if corp {
		return corpStatistic{
			Sessions: own.sessions, Customers: own.customers, Messages: own.messages, Upgraded: own.upgraded, Assisted: own.assisted,
			TransferRate: share(own.handed, own.assistantAsked), HitRate: share(own.known, own.assistantMessages), Rejected: own.rejected,
		}
	}
	return servicerStatistic{
		Sessions: own.sessions, Customers: own.customers, Messages: own.messages,
		ReplyRate: share(own.replied, own.asked), FirstReply: share(own.waited, own.replied),
		Surveys: own.surveys, Participation: share(own.rated, own.surveys),
		Satisfied: share(own.satisfied, own.rated), Middling: share(own.middling, own.rated),
		Dissatisfied: share(own.rated-own.satisfied-own.middling, own.rated),
		Upgraded:     own.upgraded, MemberInvites: own.memberInvites, MembersAdded: own.membersAdded,
		GroupInvites: own.groupInvites, GroupsJoined: own.groupsJoined, Rejected: own.rejected,
	}
}

// share is a rate or an average to four places, nil when there is nothing to divide by.
func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	v := math.Round(float64(part)/float64(whole)*1e4) / 1e4
	return &v
}
