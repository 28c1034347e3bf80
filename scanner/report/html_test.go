package report

import (
	"bytes"
	"testing"

	"keyrake/scanner/finding"
)

func html(t *testing.T, r *finding.Report, opt Options) string {
	t.Helper()
	return render(t, func(b *bytes.Buffer) error { return renderHTML(b, r, opt) })
}
