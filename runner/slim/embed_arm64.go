//go:build slim && arm64

package slim

import _ "embed"

// Made by scripts/build, and kept by nobody.
//
//go:embed shim_arm64
var program string

//go:embed shim_arm64.sha256
var digest string

func embedded() (string, string) { return program, digest }
