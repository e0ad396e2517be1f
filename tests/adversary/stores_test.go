package adversary

func stores() []move { return nil }
