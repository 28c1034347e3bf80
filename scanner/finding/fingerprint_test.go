package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"keyrake/rules"
	"keyrake/rules/example"
)

// TestFingerprint pins the names down: users keep them in their baselines.
func TestFingerprint(t *testing.T) {
	r := &rules.Rule{ID: "some-rule"}
	strong := strings.Repeat("a1B2c3D4e5", 4)
	weak := "hunter2!"
	p := &Place{Path: "a/b.env", Object: "0123", Offset: 0x01020304, Line: 3}
	sum := func(s string) (name [32]byte) {
		h := sha256.Sum256([]byte(s))
		hex.Encode(name[:], h[:16])
		return name
	}
	if got, want := Fingerprint(r, strong, p), sum("keyrake/1/secret\x00"+strong); got != want {
		t.Errorf("strong: %s, want %s", got, want)
	}
	if got, want := Fingerprint(r, weak, p), sum("keyrake/1/place\x00some-rule\x00a/b.env\x000123\x00\x04\x03\x02\x01"); got != want {
		t.Errorf("weak: %s, want %s", got, want)
	}
	other := *p
	other.Line, other.Column, other.Commit = 9, 9, &Commit{ID: "x"}
	if Fingerprint(r, weak, &other) != Fingerprint(r, weak, p) {
		t.Error("the line or the commit changes the name")
	}
	other.Offset++
	if Fingerprint(r, weak, &other) == Fingerprint(r, weak, p) || Fingerprint(r, strong, &other) != Fingerprint(r, strong, p) {
		t.Error("a place names weak secrets only")
	}
	if Fingerprint(&rules.Rule{ID: "renamed"}, strong, p) != Fingerprint(r, strong, p) {
		t.Error("a strong secret is named by its rule")
	}
	for _, s := range []string{"", "password", strings.Repeat("a", 500), strings.Repeat("0123456789", 2)} {
		if Unguessable(s) {
			t.Errorf("%q cannot be guessed", s)
		}
	}
	random, err := example.Expand("{{alnum 20}}", "x")
	if err != nil {
		t.Fatal(err)
	}
	if !Unguessable(strong) || !Unguessable(random) {
		t.Error("a random token can be guessed")
	}
}

// TestVersions: a weak secret has a name for each version of the file that holds it, and the
// same one from a scan of files and from a history.
func TestVersions(t *testing.T) {
	r := &rules.Rule{ID: "some-rule"}
	names := func(f *Finding) (list []string) {
		f.Versions(func(v Version) bool {
			list = append(list, v.Fingerprint)
			return true
		})
		return list
	}
	weak := func(places ...Place) *Finding {
		name := Fingerprint(r, "hunter2!", &places[0])
		return &Finding{Rule: r, Secret: NewSecret([]byte("hunter2!")), Fingerprint: string(name[:]), Places: places}
	}
	history := weak(Place{Path: "a/b.env", Object: "01"}, Place{Path: "a/b.env", Object: "02", Offset: 5})
	disk := &Disk{Named: "../b.env", Path: "a/b.env", In: Repository, Blob: "02"}
	files := weak(Place{Path: "../b.env", Disk: disk, Offset: 5})
	inHistory, inFiles := names(history), names(files)
	if len(inHistory) != 2 || inHistory[0] != history.Fingerprint {
		t.Errorf("in a history: %q, want the fingerprint %s first, of two", inHistory, history.Fingerprint)
	}
	if len(inFiles) != 1 || inFiles[0] != inHistory[1] {
		t.Errorf("in files: %q, want the second of %q", inFiles, inHistory)
	}
	if got := history.FingerprintOnDisk(&history.Places[1]); got != files.Fingerprint {
		t.Errorf("on disk: %s, want %s", got, files.Fingerprint)
	}
	if !history.IsCalled(inFiles[0][:8]) || history.IsCalled(files.Fingerprint) {
		t.Error("a history knows a version by its name, and no place without one")
	}
	several := *disk
	several.In = Several
	if other := weak(Place{Path: "../b.env", Disk: &several, Offset: 5}); other.Fingerprint == files.Fingerprint {
		t.Error("files of two roots may have one name")
	}
	zip := &Place{Path: "../b.zip!in/x", Disk: &Disk{Named: "../b.zip", Path: "a/b.zip"}}
	if zip.FromTop() != "a/b.zip!in/x" || zip.Shared() != "../b.zip!in/x" {
		t.Errorf("in an archive: %s and %s", zip.FromTop(), zip.Shared())
	}
}
