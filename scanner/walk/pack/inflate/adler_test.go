package inflate

import (
	"bytes"
	stdadler "hash/adler32"
	"math/rand/v2"
	"testing"
)

func TestAdler32(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 1<<16)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	full := bytes.Repeat([]byte{0xff}, 1<<16)
	for _, data := range [][]byte{noise, full} {
		for n := range 5000 {
			part := data[n%13 : n%13+n]
			if got, want := adler32(part), stdadler.Checksum(part); got != want {
				t.Fatalf("length %d: got %08x, want %08x", n, got, want)
			}
		}
		if got, want := adler32(data), stdadler.Checksum(data); got != want {
			t.Fatalf("all: got %08x, want %08x", got, want)
		}
	}
}

// The vector code and its plain twin must agree on every length they may get.
func TestAdlerBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, adlerRun)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	full := bytes.Repeat([]byte{0xff}, adlerRun)
	for _, data := range [][]byte{noise, full} {
		for n := 0; n <= adlerRun; n += 16 {
			sum, weighted := adlerBlocks(data[:n])
			wantSum, wantWeighted := adlerWords(data[:n])
			if sum != wantSum || weighted != wantWeighted {
				t.Fatalf("length %d: got %d, %d; want %d, %d", n, sum, weighted, wantSum, wantWeighted)
			}
		}
	}
}

func BenchmarkAdler32(b *testing.B) {
	data := bytes.Repeat([]byte("some text to sum up"), 4096)
	for name, sum := range map[string]func([]byte) (uint32, uint32){"Blocks": adlerBlocks, "Words": adlerWords} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(adlerRun)
			for b.Loop() {
				sum(data[:adlerRun])
			}
		})
	}
}
