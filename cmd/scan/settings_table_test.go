package main

import "testing"

// TestSettingsTable keeps the origins together when one value is long.
func TestSettingsTable(t *testing.T) {
	long := "a list of patterns that is much longer than all that is in the rows above"
	got := string(settingsTable([][3]string{{"format", "text", "default"}, {"baseline", "none", "ä.yaml:3"}, {"allow", long, ".scan.yaml:4"}, {"active rules", "12", ""}}))
	want := "format        text  default\n" +
		"baseline      none  ä.yaml:3\n" +
		"allow         " + long + "  .scan.yaml:4\n" +
		"active rules  12\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
