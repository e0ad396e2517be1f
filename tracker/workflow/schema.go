package workflow

import (
	"bytes"
	_ "embed" // the schema
)

//go:embed workflow.schema.json
var schema []byte //nolint:gochecknoglobals // embedded, never written

// JSONSchema is the schema of a project's own workflow, for editors. What it
// cannot say is said by [Parse].
func JSONSchema() []byte { return bytes.Clone(schema) }
