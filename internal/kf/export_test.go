package kf

import (
	"net/http"
	"slices"
)

// Endpoints are all endpoints the client calls, sorted.
func Endpoints() []string {
	return slices.Sorted(slices.Values([]string{
		endpointToken, endpointAccountAdd, endpointAccountDelete, endpointAccountUpdate, endpointAccountList,
		endpointContactWay, endpointServicerAdd, endpointServicerDelete, endpointServicerList,
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
		endpointMediaUpload:       new(uploadAnswer),
		endpointDepartmentList:    new(departmentListAnswer),
		endpointDepartmentMembers: new(memberListAnswer),
		endpointDepartmentUsers:   new(userListAnswer),
		endpointUser:              new(userAnswer),
	}
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
		second(decodeMedia(a(endpointMediaGet))),
		second(decodeJSON[departmentListAnswer](a(endpointDepartmentList))),
		second(decodeJSON[memberListAnswer](a(endpointDepartmentMembers))),
		second(decodeJSON[userListAnswer](a(endpointDepartmentUsers))),
		second(decodeJSON[userAnswer](a(endpointUser))),
	}
}

func second[T any](_ T, err error) error { return err }
