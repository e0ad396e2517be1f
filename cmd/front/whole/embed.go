//go:build front

package whole

import _ "embed"

// Made by scripts/build beside the tree; go build alone has none of them.
//
//go:embed whole.zst
var packed string

//go:embed whole.sha256
var digest string

//go:embed whole.size
var size string

func embedded() (string, string, string) { return packed, digest, size }
