package mcp

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	protocol "github.com/mark3labs/mcp-go/mcp"

	jsonv2 "github.com/go-json-experiment/json"
)

// message is a message of the client, as far as the transports look at it.
type message struct {
	JSONRPC string         `json:"jsonrpc"`
	ID      jsontext.Value `json:"id"`
	Method  string         `json:"method"`
	Params  jsontext.Value `json:"params"`
	Result  jsontext.Value `json:"result"`
	Error   jsontext.Value `json:"error"`
}

// params are the parameters that the transports look at.
type params struct {
	Name      string         `json:"name"`      // of a tool
	RequestID jsontext.Value `json:"requestId"` // of a cancellation
	URI       string         `json:"uri"`
	Meta      map[string]jsontext.Value
	Listen    protocol.SubscriptionFilter
}

// problem is why a message is not a message.
type problem struct {
	code int
	text string
}

// parse reads a message. One name twice and text that is not UTF-8 are refused:
// two readers might read them differently.
func parse(raw []byte) (m message, wrong *problem) {
	err := jsonv2.Unmarshal(raw, &m)
	if m.ID != nil && !isID(m.ID) {
		m.ID = nil
		if err == nil {
			return m, &problem{protocol.INVALID_REQUEST, "an id is a text or a whole number"}
		}
	}
	switch {
	case err != nil && !jsontext.Value(raw).IsValid():
		return message{}, &problem{protocol.PARSE_ERROR, "not JSON"}
	case jsontext.Value(raw).Kind() == '[':
		return m, &problem{protocol.INVALID_REQUEST, "batches are not part of this protocol: send one message at a time"}
	case err != nil:
		return m, &problem{protocol.INVALID_REQUEST, "not a JSON-RPC message"}
	case m.JSONRPC != "2.0":
		return m, &problem{protocol.INVALID_REQUEST, `a message says "jsonrpc":"2.0"`}
	case m.Method == "" && m.ID == nil:
		return m, &problem{protocol.INVALID_REQUEST, "a message has a method or an id"}
	}
	return m, nil
}

func isID(raw jsontext.Value) bool {
	const longest = 1 << 10
	if len(raw) > longest {
		return false
	}
	return raw.Kind() == '"' || raw.Kind() == '0' && !strings.ContainsAny(string(raw), ".eE")
}

// looked are the parameters of m; what is not as it should be is for whoever
// answers to complain of.
func (m message) looked() (p params) {
	var members map[string]jsontext.Value
	if jsonv2.Unmarshal(m.Params, &members) != nil {
		return p
	}
	for name, into := range map[string]any{"name": &p.Name, "uri": &p.URI, "_meta": &p.Meta, "notifications": &p.Listen} {
		if raw, ok := members[name]; ok {
			_ = jsonv2.Unmarshal(raw, into) // left empty
		}
	}
	p.RequestID = members["requestId"]
	return p
}

// token is under which progress is wanted, empty when it is not.
func (p params) token() jsontext.Value {
	if t := p.Meta["progressToken"]; t != nil && isID(t) {
		return t
	}
	return nil
}

// modern tells a request of the era without sessions, complete with what that
// era demands of each request.
func (p params) modern() bool {
	version := ""
	if raw, ok := p.Meta[protocol.MetaKeyProtocolVersion]; ok {
		_ = jsonv2.Unmarshal(raw, &version) // no version otherwise
	}
	return protocol.IsModernProtocol(version) && protocol.IsValidProtocolVersion(version) && p.Meta[protocol.MetaKeyClientCapabilities].Kind() == '{'
}

// response is a message to the client. The id is written as the client wrote
// it.
type response struct {
	JSONRPC string                        `json:"jsonrpc"`
	ID      json.RawMessage               `json:"id"`
	Result  any                           `json:"result,omitempty"`
	Error   *protocol.JSONRPCErrorDetails `json:"error,omitempty"`
}

// answered puts what the library answers under the client's own id.
func answered(id jsontext.Value, answer protocol.JSONRPCMessage) response {
	r := response{JSONRPC: "2.0", ID: json.RawMessage(id)}
	switch a := answer.(type) {
	case protocol.JSONRPCResponse:
		r.Result = a.Result
	case protocol.JSONRPCError:
		r.Error = &a.Error
	default:
		r.Error = &protocol.JSONRPCErrorDetails{Code: protocol.INTERNAL_ERROR, Message: "no answer was made"}
	}
	return r
}

func refused(id jsontext.Value, code int, text string) response {
	if id == nil {
		id = jsontext.Value("null")
	}
	return response{JSONRPC: "2.0", ID: json.RawMessage(id), Error: &protocol.JSONRPCErrorDetails{Code: code, Message: text}}
}

// encode writes a message as one line.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}
