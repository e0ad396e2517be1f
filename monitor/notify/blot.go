package notify

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"uratori/internal/config"
	"uratori/internal/fault"
)

// blotter takes secrets out of texts that come from elsewhere: errors of
// libraries quote URLs, services quote what they were sent.
type blotter struct{ r *strings.Replacer }

func newBlotter(secrets ...config.Secret) blotter {
	var pairs []string
	add := func(s string) {
		const shortest = 4 // a shorter one would blot out half of any text
		if len(s) >= shortest {
			pairs = append(pairs, s, "***")
		}
	}
	for _, secret := range secrets {
		s := secret.Reveal()
		add(s)
		add(url.QueryEscape(s))
		add(url.PathEscape(s))
		u, err := url.Parse(s)
		if err != nil || u.Host == "" {
			continue
		}
		// Of a URL everything behind the host may be what must not be known.
		add(u.String())
		add(u.RequestURI())
		add(u.EscapedPath())
		add(u.Path)
		add(strings.TrimPrefix(u.EscapedPath(), "/"))
		if password, ok := u.User.Password(); ok {
			add(password)
			add(base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password))) // as a header has it
		}
		for _, values := range u.Query() {
			for _, v := range values {
				add(v)
			}
		}
	}
	return blotter{strings.NewReplacer(pairs...)}
}

// text is s without secrets, in one line of bounded length.
func (b blotter) text(s string) string {
	return fit(oneLine(b.r.Replace(s)), 300, bytesOf)
}

// fault is err in the form in which people are told, without secrets.
func (b blotter) fault(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return b.plain(err)
	}
	told := *f
	told.Values = make(map[string]string, len(f.Values))
	for name, value := range f.Values {
		told.Values[name] = b.text(value)
	}
	if f.Err != nil {
		told.Err = b.fault(f.Err)
	}
	return &told
}

// plain is err as one that shows neither a secret nor the URL that was asked.
func (b blotter) plain(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return errors.New(b.text(err.Error()))
}
