package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"uratori/internal/config"
	"uratori/internal/fault"
	"uratori/mcp"
	"uratori/sheets/front"
)

func (a *app) mcpCommand() *cobra.Command {
	var readOnly, token bool
	cmd := &cobra.Command{
		Use: "mcp", Short: a.lang.Say("cli.mcp.short"), Long: a.lang.Say("cli.mcp.long"), Example: a.lang.Say("cli.mcp.example"),
		Args: takes(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case token && readOnly:
				return fault.New(fault.Invalid, "cli.mcp.either")
			case token:
				return a.tellToken(cmd.Context())
			}
			return a.mcp(cmd.Context(), readOnly)
		},
	}
	cmd.Flags().BoolVar(&readOnly, "read-only", false, a.lang.Say("cli.mcp.flag.read_only"))
	cmd.Flags().BoolVar(&token, "token", false, a.lang.Say("cli.mcp.flag.token"))
	return cmd
}

// mcp serves the client that has started this program. stdout is the client's
// alone; what goes wrong here goes to stderr, never with the environment, in
// which clients put secrets.
func (a *app) mcp(ctx context.Context, readOnly bool) error {
	if f, ok := a.in.(*os.File); ok && isTerminal(f) {
		fmt.Fprintln(a.err, a.lang.Say("cli.mcp.terminal"))
	}
	folder := a.getenv("CLAUDE_PROJECT_DIR")
	if !filepath.IsAbs(folder) {
		var err error
		if folder, err = os.Getwd(); err != nil {
			folder = "" // it was removed; a task must say where it runs
		}
	}
	s := mcp.New(mcp.Options{
		Connect: func(ctx context.Context) (mcp.Daemon, error) { return a.connect(ctx) },
		Version: a.build.Version, Lang: a.lang, ReadOnly: readOnly, Folder: folder, Environ: mcp.ForJobs(a.environ),
		Session: a.getenv("CLAUDE_CODE_SESSION_ID"), Now: time.Now,
		Log: slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	defer s.Close()
	return s.Serve(ctx, a.in, a.out)
}

// httpFace is where clients over HTTP go.
type httpFace struct {
	URL       string `json:"url"`
	Token     string `json:"token"`
	TokenFile string `json:"token_file"`
}

func (a *app) tellToken(ctx context.Context) error {
	home, err := config.FindHome(a.getenv)
	if err != nil {
		return err
	}
	status, err := a.ask(ctx)
	if err != nil {
		return err
	}
	if status.Dashboard == "" {
		return fault.New(fault.Unavailable, "cli.mcp.nowhere")
	}
	face := httpFace{URL: status.Dashboard + mcp.Path, TokenFile: mcp.TokenFile(string(home))}
	if face.Token, err = front.Token(face.TokenFile); err != nil {
		return err
	}
	if a.json {
		a.print(face)
		return nil
	}
	a.say("cli.mcp.at", "url", face.URL, "token", face.Token, "file", face.TokenFile)
	return nil
}
