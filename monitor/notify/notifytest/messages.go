package notifytest

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// form is what a request brought.
type form struct {
	url.Values
	attachment     []byte
	attachmentType string
}

func parseForm(r *http.Request, body []byte) (form, error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return form{}, err
	}
	if kind != "multipart/form-data" {
		values, err := url.ParseQuery(string(body))
		return form{Values: values}, err
	}
	parts, err := multipart.NewReader(bytes.NewReader(body), parameters["boundary"]).ReadForm(maxBody)
	if err != nil {
		return form{}, err
	}
	defer parts.RemoveAll() //nolint:errcheck // it is all in memory
	f := form{Values: parts.Value}
	for _, header := range parts.File["attachment"] {
		file, err := header.Open()
		if err != nil {
			return form{}, err
		}
		if f.attachment, err = io.ReadAll(file); err != nil {
			return form{}, err
		}
		f.attachmentType = header.Header.Get("Content-Type")
	}
	return f, nil
}

// reply is an answer in Pushover's form.
func (s *Server) reply(status int, fields map[string]any) answer {
	fields["request"] = s.id()
	raw, err := json.Marshal(fields, json.Deterministic(true))
	if err != nil {
		return answer{status: http.StatusInternalServerError, header: http.Header{}} // nothing above can be unfit for JSON
	}
	return answer{status: status, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body: raw}
}

// refuse says which parameter is wrong and how.
func (s *Server) refuse(status int, parameter, problem string) answer {
	fields := map[string]any{"status": 0, "errors": []string{strings.TrimSpace(parameter + " " + problem)}}
	if parameter != "" {
		fields[parameter] = problem
	}
	return s.reply(status, fields)
}

func (s *Server) withLimits(a answer) answer {
	a.header.Set("X-Limit-App-Limit", strconv.Itoa(s.limit))
	a.header.Set("X-Limit-App-Remaining", strconv.Itoa(max(0, s.limit-s.used)))
	a.header.Set("X-Limit-App-Reset", strconv.FormatInt(s.reset.Unix(), 10))
	return a
}

func (s *Server) overLimit() answer {
	return s.withLimits(s.reply(http.StatusTooManyRequests, map[string]any{
		"status": 0, "errors": []string{"application is over its message limit, see https://pushover.net/api#limits"},
	}))
}

// unknownCaller refuses who the server does not know; nil lets pass.
func (s *Server) unknownCaller(token, user string) *answer {
	if !s.tokens[token] {
		a := s.refuse(http.StatusBadRequest, "", "application token is invalid, see https://pushover.net/api")
		return s.with(a, "token", "invalid")
	}
	if !s.users[user] {
		a := s.refuse(http.StatusBadRequest, "", "user identifier is not a valid user, group, or subscribed user key, see https://pushover.net/api#identifiers")
		return s.with(a, "user", "invalid")
	}
	return nil
}

func (s *Server) with(a answer, name, value string) *answer {
	var fields map[string]any
	if err := json.Unmarshal(a.body, &fields); err != nil {
		return &a
	}
	fields[name] = value
	b := s.reply(a.status, fields)
	return &b
}

var devicePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,25}(,[A-Za-z0-9_-]{1,25})*$`)

func (s *Server) message(r *http.Request, body []byte) answer {
	f, err := parseForm(r, body)
	if err != nil {
		return s.refuse(http.StatusBadRequest, "", "cannot be read: "+err.Error())
	}
	if a := s.unknownCaller(f.Get("token"), f.Get("user")); a != nil {
		return *a
	}
	m := Message{
		At: s.now(), Token: f.Get("token"), User: f.Get("user"), Title: f.Get("title"), Text: f.Get("message"), URL: f.Get("url"),
		URLTitle: f.Get("url_title"), Device: f.Get("device"), Sound: f.Get("sound"), Attachment: f.attachment, AttachmentType: f.attachmentType,
	}
	if parameter, problem := m.wrongText(); parameter != "" {
		return s.refuse(http.StatusBadRequest, parameter, problem)
	}
	if parameter, problem := m.wrongNumber(f); parameter != "" {
		return s.refuse(http.StatusBadRequest, parameter, problem)
	}
	if parameter, problem := m.wrongPicture(); parameter != "" {
		return s.refuse(http.StatusBadRequest, parameter, problem)
	}
	if s.used >= s.limit {
		return s.overLimit()
	}
	good := map[string]any{"status": 1}
	if m.Priority == emergency {
		m.Receipt = s.receiptID()
		good["receipt"] = m.Receipt
	}
	m.Request = s.id()
	s.accept(m)
	return s.withLimits(s.reply(http.StatusOK, good))
}

func (m *Message) wrongText() (parameter, problem string) {
	if strings.TrimSpace(m.Text) == "" {
		return "message", "cannot be blank"
	}
	for _, t := range []struct {
		name, text string
		most       int
	}{{"message", m.Text, MaxMessage}, {"title", m.Title, MaxTitle}, {"url", m.URL, MaxURL}, {"url_title", m.URLTitle, MaxURLTitle}} {
		if !utf8.ValidString(t.text) {
			return t.name, "is not valid UTF-8"
		}
		if n := utf8.RuneCountInString(t.text); n > t.most {
			return t.name, fmt.Sprintf("is too long (%d characters is more than %d limit)", n, t.most)
		}
	}
	if m.Device != "" && !devicePattern.MatchString(m.Device) {
		return "device", "is not a valid device name"
	}
	return "", ""
}

const emergency = 2

func (m *Message) wrongNumber(f form) (parameter, problem string) {
	number := func(name string, into *int) bool {
		text := f.Get(name)
		if text == "" {
			return true
		}
		n, err := strconv.Atoi(text)
		*into = n
		return err == nil
	}
	stamp := 0
	for name, into := range map[string]*int{"priority": &m.Priority, "timestamp": &stamp, "retry": &m.Retry, "expire": &m.Expire} {
		if !number(name, into) {
			return name, "is not a number"
		}
	}
	m.Timestamp = int64(stamp)
	switch {
	case m.Priority < -2 || m.Priority > emergency:
		return "priority", "is invalid, must be -2 to 2"
	case m.Priority == emergency && m.Expire == 0:
		return "expire", "must be supplied with priority=2"
	case m.Priority == emergency && m.Retry == 0:
		return "retry", "must be supplied with priority=2"
	case m.Priority == emergency && m.Retry < MinRetry:
		return "retry", fmt.Sprintf("must be at least %d seconds", MinRetry)
	case m.Priority == emergency && m.Expire > MaxExpire:
		return "expire", fmt.Sprintf("must be at most %d seconds", MaxExpire)
	case f.Get("html") == "1" && f.Get("monospace") == "1":
		return "html", "cannot be used with monospace"
	}
	return "", ""
}

func (m *Message) wrongPicture() (parameter, problem string) {
	if m.Attachment == nil {
		return "", ""
	}
	if n := len(m.Attachment); n > MaxAttachment {
		return "attachment", fmt.Sprintf("is too large (%d bytes is more than %d limit)", n, MaxAttachment)
	}
	if !strings.HasPrefix(m.AttachmentType, "image/") {
		m.AttachmentType = http.DetectContentType(m.Attachment) // some clients do not say
	}
	if !strings.HasPrefix(m.AttachmentType, "image/") {
		return "attachment", "is not an image"
	}
	return "", ""
}

func (s *Server) validate(r *http.Request, body []byte) answer {
	f, err := parseForm(r, body)
	if err != nil {
		return s.refuse(http.StatusBadRequest, "", "cannot be read: "+err.Error())
	}
	if a := s.unknownCaller(f.Get("token"), f.Get("user")); a != nil {
		return *a
	}
	return s.reply(http.StatusOK, map[string]any{"status": 1, "group": 0, "devices": []string{"phone"}, "licenses": []string{"Android"}})
}

func (s *Server) limits(r *http.Request, _ []byte) answer {
	if !s.tokens[r.URL.Query().Get("token")] {
		return *s.unknownCaller(r.URL.Query().Get("token"), "")
	}
	return s.reply(http.StatusOK, map[string]any{"status": 1, "limit": s.limit, "remaining": max(0, s.limit-s.used), "reset": s.reset.Unix()})
}
