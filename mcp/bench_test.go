package mcp

import (
	"encoding/json"
	"testing"
)

// A server is made at each start of an agent's session.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(Options{}).Close()
	}
}

func BenchmarkStatus(b *testing.B) {
	s := serve(b, newSmall())
	for b.Loop() {
		raw := json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"status","arguments":{}}}`)
		if _, err := encode(answered([]byte("1"), s.core.HandleMessage(b.Context(), raw))); err != nil {
			b.Fatal(err)
		}
	}
}
