package kf

import (
	"bytes"
	"io"
	"net/http"
	"slices"
)

// Endpoints are all endpoints the client calls, sorted.
func Endpoints() []string {
	return slices.Sorted(slices.Values([]string{
		endpointToken, endpointAccountAdd, endpointAccountDelete, endpointAccountUpdate, endpointAccountList,
		endpointContactWay, endpointServicerAdd, endpointServicerDelete, endpointServicerList,
		endpointSyncMsg, endpointStateGet, endpointStateTransfer, endpointSend, endpointSendOnEvent,
		endpointCustomers, endpointUpgradeConfig, endpointUpgrade, endpointUpgradeCancel,
		endpointCorpStatistic, endpointServicerStatistic,
		endpointMediaUpload, endpointMediaGet, endpointDepartmentList, endpointDepartmentMembers, endpointDepartmentUsers, endpointUser,
	}))
}

// Answers holds, for each endpoint that answers with JSON, a pointer to a new
// value of the type its answer is decoded into.
func Answers() map[string]any {
	return map[string]any{
		endpointToken:             new(tokenAnswer),
		endpointAccountAdd:        new(accountAddAnswer),
		endpointAccountDelete:     new(status),
		endpointAccountUpdate:     new(status),
		endpointAccountList:       new(accountListAnswer),
		endpointContactWay:        new(contactWayAnswer),
		endpointServicerAdd:       new(servicerResultAnswer),
		endpointServicerDelete:    new(servicerResultAnswer),
		endpointServicerList:      new(servicerListAnswer),
		endpointSyncMsg:           new(syncAnswer),
		endpointStateGet:          new(stateAnswer),
		endpointStateTransfer:     new(transferAnswer),
		endpointSend:              new(sendAnswer),
		endpointSendOnEvent:       new(sendAnswer),
		endpointCustomers:         new(customersAnswer),
		endpointUpgradeConfig:     new(upgradeConfigAnswer),
		endpointUpgrade:           new(status),
		endpointUpgradeCancel:     new(status),
		endpointCorpStatistic:     new(daysAnswer[corpFigures]),
		endpointServicerStatistic: new(daysAnswer[servicerFigures]),
		endpointMediaUpload:       new(uploadAnswer),
		endpointDepartmentList:    new(departmentListAnswer),
		endpointDepartmentMembers: new(memberListAnswer),
		endpointDepartmentUsers:   new(userListAnswer),
		endpointUser:              new(userAnswer),
	}
}

// daysAnswer is a statisticAnswer with its days decoded.
type daysAnswer[F any] struct {
	status
	Days []dayEntry[F] `json:"statistic_list"`
}

// DecodeEvery decodes body as the answer of one endpoint after the other and
// returns the errors.
func DecodeEvery(header http.Header, body []byte, secrets []string) []error {
	a := func(endpoint string) *answer {
		return &answer{endpoint: endpoint, header: header, body: slices.Clone(body), secrets: secrets}
	}
	return []error{
		second(decodeJSON[tokenAnswer](a(endpointToken))),
		second(decodeJSON[status](a(endpointAccountDelete))),
		second(decodeJSON[accountListAnswer](a(endpointAccountList))),
		second(decodeResults(a(endpointServicerAdd))),
		second(decodeJSON[servicerListAnswer](a(endpointServicerList))),
		second(decodeJSON[uploadAnswer](a(endpointMediaUpload))),
		second(newDownload(&http.Response{Header: header, Body: io.NopCloser(bytes.NewReader(body))}, maxAnswer, secrets)),
		second(decodeJSON[syncAnswer](a(endpointSyncMsg))),
		second(decodeJSON[stateAnswer](a(endpointStateGet))),
		second(decodeJSON[transferAnswer](a(endpointStateTransfer))),
		second(decodeJSON[sendAnswer](a(endpointSend))),
		second(decodeJSON[customersAnswer](a(endpointCustomers))),
		second(decodeJSON[upgradeConfigAnswer](a(endpointUpgradeConfig))),
		decodeStatistic[corpFigures](a(endpointCorpStatistic)),
		decodeStatistic[servicerFigures](a(endpointServicerStatistic)),
		second(decodeJSON[departmentListAnswer](a(endpointDepartmentList))),
		second(decodeJSON[memberListAnswer](a(endpointDepartmentMembers))),
		second(decodeJSON[userListAnswer](a(endpointDepartmentUsers))),
		second(decodeJSON[userAnswer](a(endpointUser))),
	}
}

func decodeStatistic[F comparable](a *answer) error {
	v, err := decodeJSON[statisticAnswer](a)
	if err != nil {
		return err
	}
	return second(decodeDays[F](a.endpoint, v))
}

func second[T any](_ T, err error) error { return err }
