package auth

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
)

// reply is the answer of a token server, as far as it is looked at.
type reply struct {
	status int
	// code and description are error and error_description of RFC 6749.
	// They are compared with what is known and shown to nobody.
	code, description string
}

func newReply(status int, body []byte) reply {
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &said) != nil {
		return reply{status: status}
	}
	return reply{status: status, code: said.Error, description: strings.ToLower(said.Description)}
}

// judge words an answer that is no token.
func judge(server string, r reply, refused func(reply) error) error {
	switch {
	case r.status >= http.StatusInternalServerError,
		r.status == http.StatusTooManyRequests, r.status == http.StatusRequestTimeout:
		return fault.New(fault.Unavailable, "auth.server_down", "server", server, "status", r.status)
	case r.code == "" && r.status < http.StatusBadRequest:
		return fault.New(fault.Unavailable, "auth.not_a_token", "server", server, "status", r.status)
	}
	if err := refused(r); err != nil {
		return err
	}
	return fault.New(fault.Failed, "auth.refused", "server", server, "status", r.status, "code", known(r.code))
}

// known is an error code that may be shown: one of RFC 6749 or Google's.
func known(code string) string {
	codes := []string{
		"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
		"invalid_scope", "access_denied", "server_error", "temporarily_unavailable", "unsupported_response_type",
		"deleted_client", "disabled_client", "admin_policy_enforced", "org_internal", "rate_limit_exceeded",
	}
	if slices.Contains(codes, code) {
		return code
	}
	return "?"
}

// keyRefused words a refusal of a service account's signature.
func (c *credentials) keyRefused(r reply) error {
	says := func(word string) bool { return strings.Contains(r.description, word) }
	switch {
	case r.code == "disabled_client", r.code == "deleted_client",
		r.code == "invalid_grant" && (says("not found") || says("disabled") || says("deleted")):
		return fault.New(fault.Failed, "auth.account_gone", "email", c.email)
	case r.code == "invalid_grant" && says("short-lived"):
		return fault.New(fault.Failed, "auth.clock_wrong")
	case r.code == "invalid_grant":
		return fault.New(fault.Failed, "auth.key_refused", "email", c.email, "file", shown(c.file))
	}
	return nil
}

// signInRefused words a refusal of what SignIn was given.
func (c *credentials) signInRefused(r reply) error {
	if r.code == "invalid_grant" {
		return fault.New(fault.Failed, "auth.sign_in_again")
	}
	return c.clientRefused(r)
}

// gcloudRefused words a refusal of what gcloud was given.
func (c *credentials) gcloudRefused(r reply) error {
	if r.code == "invalid_grant" {
		return fault.New(fault.Failed, "auth.gcloud_again")
	}
	return c.clientRefused(r)
}

// codeRefused words a refusal of the code that a browser brought.
func (c *credentials) codeRefused(r reply) error {
	if r.code == "invalid_grant" {
		return fault.New(fault.Failed, "auth.code_refused")
	}
	return c.clientRefused(r)
}

func (c *credentials) clientRefused(r reply) error {
	switch r.code {
	case "invalid_client", "unauthorized_client", "deleted_client", "disabled_client":
		return fault.New(fault.Failed, "auth.client_refused", "file", shown(c.file), "code", known(r.code))
	}
	return nil
}

// cause says why a server was not reached, in words of our own: the text of
// a network error may repeat what the other side sent.
func cause(err error) error {
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	var timeout net.Error
	var number syscall.Errno
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fault.New(fault.Unavailable, "auth.cause_slow")
	case errors.As(err, &certificate):
		return fault.New(fault.Unavailable, "auth.cause_certificate")
	case errors.As(err, &name):
		return fault.New(fault.Unavailable, "auth.cause_name")
	case errors.As(err, &number):
		return number
	}
	return fault.New(fault.Unavailable, "auth.cause_broken")
}

// plain is an error of the file system without the path, which the sentence
// round it has already.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// shown is a text that a person may see in a terminal.
func shown(s string) string {
	q := strconv.Quote(s)
	return q[1 : len(q)-1]
}
