package main

import "testing"

func TestIdentifier(t *testing.T) {
	tests := map[string]string{
		"example.org/":      "527dda32-a0de-5105-a042-cb475b5f7d11",
		"example.org/about": "38788c25-5da6-5b91-99ad-4dff9993a039",
	}
	for page, want := range tests {
		if got := identifier(page); got != want {
			t.Errorf("identifier(%q) = %s, want %s", page, got, want)
		}
	}
}
