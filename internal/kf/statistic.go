package kf

import (
	"context"
	"encoding/json"
	"time"
)

// Rules of the daily figures, for callers to reckon with. WeCom's days are those
// of Beijing.
const (
	StatisticSpan    = 31 * 24 * time.Hour  // days in one call, at most
	StatisticHistory = 180 * 24 * time.Hour // the oldest day is so long before today, the newest one is yesterday
	StatisticReady   = 6 * time.Hour        // after midnight the figures of yesterday are there
)

// Beijing is the time zone of WeCom's days, which knows no summer time.
var Beijing = time.FixedZone("Asia/Shanghai", 8*60*60)

// StatisticDay returns the beginning of the day of t in Beijing.
func StatisticDay(t time.Time) time.Time {
	year, month, day := t.In(Beijing).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, Beijing)
}

// CorpFigures are what an account did in a day, by people and by assistant. A
// rate is from 0 to 1, nil if WeCom could not compute it.
type CorpFigures struct {
	Sessions           uint64   // the customer wrote and was assigned to a servicer or the assistant
	Customers          uint64   // who wrote, each once
	CustomerMessages   uint64   // written by customers
	Upgraded           uint64   // customers who added a recommended member or joined a group, each once
	AISessions         uint64   // assigned to the assistant, which is the API or WeCom's own
	AITransferRate     *float64 // of the sessions with a message to the assistant, those handed to a servicer
	AIKnowledgeHitRate *float64 // of the messages to WeCom's own assistant, those that its knowledge base answers
	Rejected           uint64   // customers whose messages a servicer refuses
}

// ServicerFigures are what a servicer, or all of an account together, did in a
// day. A rate is from 0 to 1, nil if WeCom could not compute it. With an account
// whose sessions the API manages WeCom sends no surveys.
type ServicerFigures struct {
	Sessions          uint64   // the customer wrote and was assigned to a servicer
	Customers         uint64   // of these sessions, each once
	CustomerMessages  uint64   // written by customers
	ReplyRate         *float64 // of the sessions with a message to the servicer, those with an answer
	FirstReplySec     *float64 // seconds from the first message to the answer, on average
	SurveysSent       uint64   // about satisfaction
	ParticipationRate *float64 // of the surveys, those with an answer
	SatisfiedRate     *float64 // of the answers
	MiddlingRate      *float64 // of the answers
	DissatisfiedRate  *float64 // of the answers
	Upgraded          uint64   // customers who added a recommended member or joined a group, each once
	MemberInvites     uint64   // cards of members sent
	MembersAdded      uint64   // each member a customer added
	GroupInvites      uint64   // codes of groups sent
	GroupsJoined      uint64   // each group a customer joined
	Rejected          uint64   // customers whose messages a servicer refuses
}

// CorpDay is one day of CorpStatistic.
type CorpDay struct {
	Day     time.Time       // 00:00 in Beijing
	Figures *CorpFigures    // nil: nothing happened, or WeCom has not computed the day yet
	Raw     json.RawMessage // the whole entry, as it came
}

// ServicerDay is one day of ServicerStatistic.
type ServicerDay struct {
	Day     time.Time        // 00:00 in Beijing
	Figures *ServicerFigures // nil: nothing happened, or WeCom has not computed the day yet
	Raw     json.RawMessage  // the whole entry, as it came
}

type statisticRequest struct {
	Account  AccountID `json:"open_kfid"`
	Servicer UserID    `json:"servicer_userid,omitempty"`
	From     int64     `json:"start_time"`
	To       int64     `json:"end_time"`
}

type statisticAnswer struct {
	status
	Days []json.RawMessage `json:"statistic_list"`
}

// CorpStatistic returns the figures of an account for the days in Beijing of from
// to to, both included, at most StatisticSpan (document 95489). WeCom has those
// from StatisticHistory ago to yesterday and refuses others with errcode 40058. A
// day that is not in the answer has no figures.
func (c *Client) CorpStatistic(ctx context.Context, account AccountID, from, to time.Time) ([]CorpDay, error) {
	days, err := statistic[corpFigures](ctx, c, endpointCorpStatistic, account, "", from, to)
	if err != nil {
		return nil, err
	}
	list := make([]CorpDay, len(days))
	for i, d := range days {
		list[i] = CorpDay{d.day(), d.Figures.plain(), d.raw}
	}
	return list, nil
}

// ServicerStatistic returns the figures of a servicer at an account for the days
// in Beijing of from to to, both included, at most StatisticSpan (document
// 95490). An empty servicer stands for all of the account together. Somebody who
// does not serve there gives errcode 60253. The days are those of CorpStatistic.
func (c *Client) ServicerStatistic(ctx context.Context, account AccountID, servicer UserID, from, to time.Time) ([]ServicerDay, error) {
	if servicer != "" {
		if err := checkID("servicer_userid", string(servicer), MaxUserID); err != nil {
			return nil, err
		}
	}
	days, err := statistic[servicerFigures](ctx, c, endpointServicerStatistic, account, servicer, from, to)
	if err != nil {
		return nil, err
	}
	list := make([]ServicerDay, len(days))
	for i, d := range days {
		list[i] = ServicerDay{d.day(), d.Figures.plain(), d.raw}
	}
	return list, nil
}

// statistic makes one call and decodes its days.
func statistic[F comparable](ctx context.Context, c *Client, endpoint string, account AccountID, servicer UserID, from, to time.Time) ([]dayEntry[F], error) {
	if err := firstError(checkAccountID(account), checkDays(from, to)); err != nil {
		return nil, err
	}
	v, err := post[statisticAnswer](ctx, c, endpoint, statisticRequest{account, servicer, StatisticDay(from).Unix(), StatisticDay(to).Unix()})
	if err != nil {
		return nil, err
	}
	return decodeDays[F](endpoint, v)
}

// checkDays takes at least one day and at most StatisticSpan, of times that fit
// into the protocol.
func checkDays(from, to time.Time) error {
	first, last := StatisticDay(from), StatisticDay(to)
	switch {
	case first.Unix() < 0 || first.Unix() > maxUnix:
		return &ArgumentError{Field: "start_time", Rule: RuleRange}
	case last.Before(first) || last.Unix() > maxUnix:
		return &ArgumentError{Field: "end_time", Rule: RuleRange}
	case last.Sub(first) >= StatisticSpan:
		return &ArgumentError{Field: "end_time", Rule: RuleRange, Limit: int(StatisticSpan / (24 * time.Hour))}
	}
	return nil
}
