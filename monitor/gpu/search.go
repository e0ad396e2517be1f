package gpu

import "path/filepath"

// Libraries are the places where NVIDIA's library may be, best first. setting is
// monitor.nvml. What a person has named, there or in NVML_LIBRARY, is the only
// place: to look elsewhere in silence would hide a mistake.
func Libraries(setting string, getenv func(string) string) []string {
	for _, named := range []string{setting, getenv("NVML_LIBRARY")} {
		if named != "" {
			return []string{named}
		}
	}
	const name = "libnvidia-ml.so.1" // only this name exists in WSL2
	places := []string{name}         // where the dynamic linker finds it
	for _, dir := range []string{
		"/usr/lib/wsl/lib", // WSL2 puts Windows's driver there, for no linker to see
		"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64",
		"/usr/lib/x86_64-linux-gnu/nvidia/current", // Debian's own package
		"/run/opengl-driver/lib",                   // NixOS
	} {
		places = append(places, filepath.Join(dir, name))
	}
	return places
}
