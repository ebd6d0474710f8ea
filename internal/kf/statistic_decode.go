package kf

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// maxUnix is the last second of the protocol's uint32.
const maxUnix = math.MaxUint32

// dayEntry is one entry of a statistic_list.
type dayEntry[F any] struct {
	At      *flexCount `json:"stat_time"`
	Figures *F         `json:"statistic"`

	raw json.RawMessage
}

func (e dayEntry[F]) day() time.Time { return StatisticDay(time.Unix(int64(*e.At), 0)) }

// decodeDays decodes all days or none. Figures without a single known one are
// none, not zeros.
func decodeDays[F comparable](endpoint string, v statisticAnswer) ([]dayEntry[F], error) {
	days := make([]dayEntry[F], len(v.Days))
	for i, raw := range v.Days {
		e := dayEntry[F]{raw: raw}
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, malformed(endpoint, shapeReason(raw, err))
		}
		if e.At == nil || *e.At > maxUnix {
			return nil, malformed(endpoint, "day without stat_time")
		}
		var none F
		if e.Figures != nil && *e.Figures == none {
			e.Figures = nil
		}
		days[i] = e
	}
	return days, nil
}

type corpFigures struct {
	Sessions         *flexCount `json:"session_cnt"`
	Customers        *flexCount `json:"customer_cnt"`
	CustomerMessages *flexCount `json:"customer_msg_cnt"`
	Upgraded         *flexCount `json:"upgrade_service_customer_cnt"`
	AISessions       *flexCount `json:"ai_session_reply_cnt"`
	TransferRate     *flexRate  `json:"ai_transfer_rate,omitempty"`
	KnowledgeHitRate *flexRate  `json:"ai_knowledge_hit_rate,omitempty"`
	Rejected         *flexCount `json:"msg_rejected_customer_cnt"`
}

func (f *corpFigures) plain() *CorpFigures {
	if f == nil {
		return nil
	}
	return &CorpFigures{
		Sessions: f.Sessions.value(), Customers: f.Customers.value(), CustomerMessages: f.CustomerMessages.value(),
		Upgraded: f.Upgraded.value(), AISessions: f.AISessions.value(),
		AITransferRate: (*float64)(f.TransferRate), AIKnowledgeHitRate: (*float64)(f.KnowledgeHitRate),
		Rejected: f.Rejected.value(),
	}
}

type servicerFigures struct {
	Sessions         *flexCount `json:"session_cnt"`
	Customers        *flexCount `json:"customer_cnt"`
	CustomerMessages *flexCount `json:"customer_msg_cnt"`
	ReplyRate        *flexRate  `json:"reply_rate,omitempty"`
	FirstReply       *flexRate  `json:"first_reply_average_sec,omitempty"`
	// SurveysSent is misspelt in the protocol. Spelt is the name it ought to have.
	SurveysSent       *flexCount `json:"satisfaction_investgate_cnt"`
	SurveysSentSpelt  *flexCount `json:"satisfaction_investigate_cnt,omitempty"`
	ParticipationRate *flexRate  `json:"satisfaction_participation_rate,omitempty"`
	SatisfiedRate     *flexRate  `json:"satisfied_rate,omitempty"`
	MiddlingRate      *flexRate  `json:"middling_rate,omitempty"`
	DissatisfiedRate  *flexRate  `json:"dissatisfied_rate,omitempty"`
	Upgraded          *flexCount `json:"upgrade_service_customer_cnt"`
	MemberInvites     *flexCount `json:"upgrade_service_member_invite_cnt"`
	MembersAdded      *flexCount `json:"upgrade_service_member_customer_cnt"`
	GroupInvites      *flexCount `json:"upgrade_service_groupchat_invite_cnt"`
	GroupsJoined      *flexCount `json:"upgrade_service_groupchat_customer_cnt"`
	Rejected          *flexCount `json:"msg_rejected_customer_cnt"`
}

func (f *servicerFigures) plain() *ServicerFigures {
	if f == nil {
		return nil
	}
	surveys := f.SurveysSent
	if surveys == nil {
		surveys = f.SurveysSentSpelt
	}
	return &ServicerFigures{
		Sessions: f.Sessions.value(), Customers: f.Customers.value(), CustomerMessages: f.CustomerMessages.value(),
		ReplyRate: (*float64)(f.ReplyRate), FirstReplySec: (*float64)(f.FirstReply),
		SurveysSent: surveys.value(), ParticipationRate: (*float64)(f.ParticipationRate),
		SatisfiedRate: (*float64)(f.SatisfiedRate), MiddlingRate: (*float64)(f.MiddlingRate), DissatisfiedRate: (*float64)(f.DissatisfiedRate),
		Upgraded: f.Upgraded.value(), MemberInvites: f.MemberInvites.value(), MembersAdded: f.MembersAdded.value(),
		GroupInvites: f.GroupInvites.value(), GroupsJoined: f.GroupsJoined.value(), Rejected: f.Rejected.value(),
	}
}

// flexCount is a whole number from 0 that may come in quotes or as 3.0.
type flexCount uint64

func (n *flexCount) value() uint64 {
	if n == nil {
		return 0
	}
	return uint64(*n)
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *flexCount) UnmarshalJSON(b []byte) error {
	text := string(bytes.Trim(b, `"`))
	if whole, err := strconv.ParseUint(text, 10, 64); err == nil {
		*n = flexCount(whole)
		return nil
	}
	// Beyond 2^53 a float no longer tells one number from the next.
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || f < 0 || f > 1<<53 {
		return &json.UnmarshalTypeError{Value: "value that is not a whole number from 0"}
	}
	*n = flexCount(f)
	return nil
}

// flexRate is a number from 0 that may come in quotes.
type flexRate float64

// UnmarshalJSON implements json.Unmarshaler.
func (r *flexRate) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(string(bytes.Trim(b, `"`)), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || f < 0 {
		return &json.UnmarshalTypeError{Value: "value that is not a number from 0"}
	}
	*r = flexRate(f)
	return nil
}
