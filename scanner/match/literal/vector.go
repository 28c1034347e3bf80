package literal

// vecTable is the table of the vector filter: for each lane and each eight
// buckets two rows, for the classes 0 to 15 and 16 to 31.
//
// With AVX2 and the 1,375 keywords of the built-in rules Find does 1.4 GB/s on
// workers-sdk and 1.7 on Go's source, with plainTable 0.65 and 0.7; with 420
// literals 2.5 and 2.9 against 0.9. The filter alone does 4 and lets 20 % through. A
// second group of 32 buckets halved that but cost more than it saved (best of
// eleven runs on 128 KB slices, AMD EPYC Zen 4, 2026-11-23).
type vecTable struct {
	rows [lanes][buckets / 8][2][16]uint8
}

func (t *vecTable) fill(sets *laneSets) {
	for j := range lanes {
		for k := range classes {
			takes := sets[j][k] | sets[j][anyByte]
			for b := range buckets / 8 {
				t.rows[j][b][k/16][k%16] = uint8(takes >> (8 * b))
			}
		}
	}
}
