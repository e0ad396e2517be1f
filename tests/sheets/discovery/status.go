package discovery

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// statuses are the names of google.rpc.Code that may stand beside an HTTP status.
func statuses(code int) []string {
	return map[int][]string{
		400: {"INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE"},
		401: {"UNAUTHENTICATED"},
		403: {"PERMISSION_DENIED"},
		404: {"NOT_FOUND"},
		409: {"ABORTED", "ALREADY_EXISTS"},
		429: {"RESOURCE_EXHAUSTED"},
		499: {"CANCELLED"},
		500: {"INTERNAL", "UNKNOWN", "DATA_LOSS"},
		501: {"UNIMPLEMENTED"},
		503: {"UNAVAILABLE"},
		504: {"DEADLINE_EXCEEDED"},
	}[code]
}

// checkError judges the JSON of a google.rpc.Status.
func (d *Document) checkError(code int, body []byte) error {
	var e struct {
		Error *struct {
			Code    int              `json:"code"`
			Message string           `json:"message"`
			Status  string           `json:"status"`
			Details []map[string]any `json:"details"`
		} `json:"error"`
	}
	if err := json.Unmarshal(body, &e, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("not Google's error object: %w", err)
	}
	if e.Error == nil {
		return errors.New("not Google's error object: /error is missing")
	}
	var faults []error
	if e.Error.Code != code {
		faults = append(faults, fmt.Errorf("/error/code: %d in an answer of status %d", e.Error.Code, code))
	}
	if strings.TrimSpace(e.Error.Message) == "" {
		faults = append(faults, errors.New("/error/message: empty"))
	}
	if want := statuses(code); !slices.Contains(want, e.Error.Status) {
		faults = append(faults, fmt.Errorf("/error/status: %q does not go with %d: want one of %q", e.Error.Status, code, want))
	}
	for i, detail := range e.Error.Details {
		if name, ok := detail["@type"].(string); !ok || name == "" {
			faults = append(faults, fmt.Errorf("/error/details/%d/@type: missing", i))
		}
	}
	return errors.Join(faults...)
}
