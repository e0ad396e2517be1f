package adversary

func daemons() []move { return nil }
