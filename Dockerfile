# A static program in an empty image, run by nobody:
#   docker build -t keyrake . && docker run --rm -v "$PWD:/repo:ro" keyrake --history /repo
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -buildid=' -o /scan ./cmd/scan

FROM scratch
COPY --from=build /scan /scan
USER 65534:65534
WORKDIR /repo
ENTRYPOINT ["/scan"]
