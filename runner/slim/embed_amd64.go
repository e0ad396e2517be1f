//go:build slim && amd64

package slim

import _ "embed"

// Made by scripts/build, and kept by nobody.
//
//go:embed shim_amd64
var program string

//go:embed shim_amd64.sha256
var digest string

func embedded() (string, string) { return program, digest }
