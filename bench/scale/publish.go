package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
)

const (
	tableStart = "<!-- table -->\n"
	tableEnd   = "<!-- end -->\n"
)

// publish writes the table into the page, and the picture beside it.
func publish(page string, all []point) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), tableStart)
	_, after, closed := strings.Cut(rest, tableEnd)
	if !ok || !closed {
		return fmt.Errorf("%s has no place for the table, between %q and %q", page, tableStart, tableEnd)
	}
	var b strings.Builder
	b.WriteString(before + tableStart)
	for _, s := range shapes() {
		table(&b, s, of(all, s))
	}
	b.WriteString(tableEnd + after)
	if err := os.WriteFile(page, []byte(b.String()), 0o666); err != nil {
		return err
	}
	picture := strings.TrimSuffix(page, filepath.Ext(page)) + ".svg"
	return os.WriteFile(picture, []byte(draw(all)), 0o666)
}

func of(all []point, s shape) (some []point) {
	for _, p := range all {
		if p.Shape == s.name {
			some = append(some, p)
		}
	}
	return some
}

func table(b *strings.Builder, s shape, ps []point) {
	fmt.Fprintf(b, "\n### %s\n\n%s.\n\n", s.name, strings.ToUpper(s.about[:1])+s.about[1:])
	if len(ps) == 0 {
		b.WriteString("Not measured.\n")
		return
	}
	fmt.Fprintf(b, "| %s | objects | content | pack | CPU | CPU for a million | memory | measured |\n|---:|---:|---:|---:|---:|---:|---:|---|\n", s.unit)
	for _, p := range ps {
		fmt.Fprintf(b, "| %s | %s | %.0f MB | %.1f MB | %.2f s | %.2f s | %.0f MB | %s |\n",
			group(p.Size), group(p.Made.Objects), mega(p.Made.Logical), mega(p.Made.Pack), p.CPU, p.CPU*1e6/float64(p.Size), mega(p.Anon), p.Date)
	}
	cpu := exponent(ps, func(p point) float64 { return p.CPU })
	memory := exponent(ps, func(p point) float64 { return float64(p.Anon) })
	fmt.Fprintf(b, "\nCPU grows as size^%.2f, memory as size^%.2f. The largest of the issue, %s, was %s.\n", cpu, memory, group(s.full),
		map[bool]string{true: "run", false: "not run"}[ps[len(ps)-1].Size >= s.full])
}

// group writes a number with commas.
func group(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// exponent is the slope of a straight line through the logarithms: 1 is linear.
func exponent(ps []point, value func(point) float64) float64 {
	var n, sx, sy, sxx, sxy float64
	for _, p := range ps {
		x, y := math.Log(float64(p.Size)), math.Log(value(p))
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

const (
	panelWidth, panelHeight = 200, 130
	marginX, marginY        = 58, 46
)

// draw makes a picture with two panels for each shape, from zero on both axes:
// what is linear is a straight line.
func draw(all []point) string {
	list := shapes()
	var b strings.Builder
	width, height := marginX+len(list)*(panelWidth+marginX), 2*(panelHeight+marginY)+20
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11" fill="#333">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	for i, s := range list {
		x := marginX + i*(panelWidth+marginX)
		ps := of(all, s)
		panel(&b, x, marginY-20, "CPU, seconds", s.unit, "#06c", ps, func(p point) float64 { return p.CPU })
		panel(&b, x, marginY+panelHeight+marginY-20, "memory, MB", s.unit, "#c50", ps, func(p point) float64 { return mega(p.Anon) })
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func panel(b *strings.Builder, x, y int, title, unit, colour string, ps []point, value func(point) float64) {
	var right, top float64
	for _, p := range ps {
		right, top = max(right, float64(p.Size)), max(top, value(p))
	}
	fmt.Fprintf(b, `<path d="M%d %dv%dh%d" fill="none" stroke="#999"/>`+"\n", x, y, panelHeight, panelWidth)
	fmt.Fprintf(b, `<text x="%d" y="%d">%s</text><text x="%d" y="%d" text-anchor="end">%.3g</text>`+"\n", x+4, y-4, title, x-4, y+8, top)
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end">%s %s</text><text x="%d" y="%d" text-anchor="end">0</text>`+"\n",
		x+panelWidth, y+panelHeight+14, group(int(right)), unit, x-4, y+panelHeight)
	var line strings.Builder
	for _, p := range ps {
		px, py := float64(x)+panelWidth*float64(p.Size)/right, float64(y+panelHeight)-panelHeight*value(p)/top
		fmt.Fprintf(&line, "%.1f,%.1f ", px, py)
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", px, py, colour)
	}
	fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke="%s"/>`+"\n", strings.TrimSpace(line.String()), colour)
}
