package claude_test

import "uratori/tests/house"

// words are a passphrase that a person alone knows.
const words = "a person alone knows this"

// atTerminal has a person run a command at a terminal of their own and answer
// each question with the passphrase. It returns what was on the screen.
func (s *site) atTerminal(questions []string, args ...string) (string, error) {
	cmd := s.Command(args...)
	cmd.Env = append(cmd.Env, "NO_COLOR=1")
	return house.AtTerminal(cmd, words, questions...)
}
