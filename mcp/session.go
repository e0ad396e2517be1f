package mcp

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	protocol "github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// A reader is who has read a ticket: what one has seen another has not, so
// that an edit by a person after this reader's last look is a conflict. Over
// stdio it is the agent's session, which a restart of this program does not
// change. Over HTTP it is the session of the protocol, or, in the era that has
// none, what the client says of itself.

// sessionKey carries what an HTTP client calls its session.
type sessionKey struct{}

// lineSession is the id of the one session of a stdio server.
const lineSession = "stdio"

func (s *Server) scope(ctx context.Context) string {
	if named, _ := ctx.Value(sessionKey{}).(string); named != "" {
		return "named " + named
	}
	session := server.ClientSessionFromContext(ctx)
	switch {
	case session == nil || session.SessionID() == lineSession:
		return s.o.Session
	case session.SessionID() != "":
		return "session " + session.SessionID()
	}
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.ClientInfo != nil {
		return "client " + info.ClientInfo.Name
	}
	return "client"
}

// reader is the caller as the tracker knows it. The daemon's record of readers
// need not know the name of anybody's session.
func (s *Server) reader(ctx context.Context) string { return "mcp-" + digest(s.scope(ctx)) }

// toolUse is how Claude Code numbers the calls that a model makes. The same
// number again is the same call.
const toolUse = "claudecode/toolUseId"

// key makes a request that is made twice one request.
func (s *Server) key(ctx context.Context, tool string, meta *protocol.Meta) string {
	if meta != nil {
		if id, ok := meta.AdditionalFields[toolUse].(string); ok && id != "" {
			return "mcp-" + digest(s.scope(ctx), tool, id)
		}
	}
	return "mcp-" + rand.Text()
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// ForJobs is what of an environment a job inherits: what programs need, and
// nothing that lets a job act as the agent's session or that belongs to
// uratori itself.
func ForJobs(environ []string) []string {
	foreign := []string{"URATORI_", "PUSHOVER_", "TRACKER_", "CLAUDE", "ANTHROPIC_", "MCP_"}
	return slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name, _, found := strings.Cut(v, "=")
		return !found || name == "" || slices.ContainsFunc(foreign, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	})
}
