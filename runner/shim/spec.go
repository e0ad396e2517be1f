package shim

import (
	"encoding/base64"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// text is a string of any bytes in JSON: as a string where it is UTF-8, and
// as {"base64": "…"} otherwise, since file names and arguments need not be.
type text string

type encoded struct {
	Base64 string `json:"base64"`
}

// MarshalJSONTo is for the json package.
func (t text) MarshalJSONTo(out *jsontext.Encoder) error {
	if utf8.ValidString(string(t)) {
		return out.WriteToken(jsontext.String(string(t)))
	}
	return json.MarshalEncode(out, encoded{base64.StdEncoding.EncodeToString([]byte(t))})
}

// UnmarshalJSONFrom is for the json package.
func (t *text) UnmarshalJSONFrom(in *jsontext.Decoder) error {
	if in.PeekKind() == '"' {
		token, err := in.ReadToken()
		if err == nil {
			*t = text(token.String())
		}
		return err
	}
	var e encoded
	if err := json.UnmarshalDecode(in, &e, json.RejectUnknownMembers(true)); err != nil {
		return err
	}
	b, err := base64.StdEncoding.DecodeString(e.Base64)
	*t = text(b)
	return err
}

// specJSON is spec.json.
type specJSON struct {
	Argv   []text `json:"argv"`
	Cwd    text   `json:"cwd"`
	Env    []text `json:"env"`
	Token  text   `json:"token"`
	Umask  int    `json:"umask,omitzero"`
	LogCap int64  `json:"log_cap,omitzero"`
}

// MarshalJSON is for the json package.
func (s Spec) MarshalJSON() ([]byte, error) {
	return json.Marshal(specJSON{
		Argv: convert[text](s.Argv), Cwd: text(s.Cwd), Env: convert[text](s.Env),
		Token: text(s.Token), Umask: s.Umask, LogCap: s.LogCap,
	})
}

// UnmarshalJSON is for the json package.
func (s *Spec) UnmarshalJSON(raw []byte) error {
	var j specJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return err
	}
	*s = Spec{
		Argv: convert[string](j.Argv), Cwd: string(j.Cwd), Env: convert[string](j.Env),
		Token: string(j.Token), Umask: j.Umask, LogCap: j.LogCap,
	}
	return nil
}

func convert[To, From ~string](list []From) []To {
	out := make([]To, len(list))
	for i, s := range list {
		out[i] = To(s)
	}
	return out
}

// check finds what no kernel would take.
func (s Spec) check() *Failure {
	if len(s.Argv) == 0 || s.Argv[0] == "" {
		return &Failure{NoCommand, "the command is empty"}
	}
	if !filepath.IsAbs(s.Cwd) {
		return &Failure{BadText, "the working directory is not an absolute path"}
	}
	for _, list := range [][]string{s.Argv, s.Env, {s.Cwd}} {
		for _, entry := range list {
			if strings.ContainsRune(entry, 0) {
				return &Failure{BadText, "a NUL byte"}
			}
		}
	}
	return nil
}

const defaultUmask = 0o022

func (s Spec) umask() int {
	if s.Umask == 0 {
		return defaultUmask
	}
	return s.Umask
}

// getenv is the value of the first entry, as the job itself would see it.
func (s Spec) getenv(key string) (string, bool) {
	for _, entry := range s.Env {
		if value, ok := strings.CutPrefix(entry, key+"="); ok {
			return value, true
		}
	}
	return "", false
}
