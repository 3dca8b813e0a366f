package uploadtest

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answer is what a request is answered with.
type answer struct {
	refusal
	header map[string]string
	body   []byte
	length int64 // of a HEAD's object
}

// ServeHTTP logs the request, lets happen to it what Fault says, and works.
func (s *BlobServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	container, req := s.describe(r)
	var fault BlobFault
	if s.opts.Fault != nil {
		fault = s.opts.Fault(*req)
	}
	end := func(worked bool, status int, code string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		req.Worked, req.Status, req.Code, req.Ended = worked, status, code, true
	}
	if s.line.trip(r.Context(), r.RemoteAddr) != nil {
		end(false, 0, "")
		return
	}
	var body []byte
	sum := md5.Sum(nil)
	if r.ContentLength != 0 {
		in := &faulty{ctx: r.Context(), r: r.Body, fault: fault, line: s.line, stall: s.stall}
		var err error
		body, sum, err = s.receive(req, in)
		if err != nil {
			end(false, 0, "")
			if errors.As(err, &errBroken{}) {
				breakConnection(w)
			}
			return
		}
	} else if (fault.Reset || fault.Stall) && noAnswerBody(req.Op) {
		if fault.Stall {
			s.stall(r.Context())
		}
		end(false, 0, "")
		breakConnection(w)
		return
	}
	var a answer
	if fault.Status != 0 {
		a.refusal = fault.refuse(w)
	} else if a.refusal = s.permit(container, req, r.URL.Query()); a.code == "" {
		a = s.work(container, req, r, body, sum)
	}
	end(a.status < 300, a.status, a.code)
	if fault.LostReply {
		end(a.status < 300, 0, a.code)
		breakConnection(w)
		return
	}
	s.reply(w, r, a, fault)
}

// noAnswerBody tells requests whose answer has no body to break.
func noAnswerBody(op BlobOp) bool { return op != BlobGet && op != BlobList && op != BlobBlocks }

// receive reads the body; of an object that is to be forgotten only the length
// and the MD5.
func (s *BlobServer) receive(req *BlobRequest, in io.Reader) ([]byte, [md5.Size]byte, error) {
	digest := md5.New()
	var b bytes.Buffer
	w := io.Writer(io.MultiWriter(digest, &b))
	if s.forgets(req) {
		w = digest
	}
	n, err := io.Copy(w, in)
	s.mu.Lock()
	req.Received = n
	s.mu.Unlock()
	if err == nil && req.Size >= 0 && n != req.Size {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), [md5.Size]byte(digest.Sum(nil)), err
}

func (s *BlobServer) forgets(req *BlobRequest) bool {
	return s.opts.Forget != nil && (req.Op == BlobPut || req.Op == BlobBlock) && s.opts.Forget(req.Path)
}

// reply sends the answer through the line and the fault.
func (s *BlobServer) reply(w http.ResponseWriter, r *http.Request, a answer, fault BlobFault) {
	h := w.Header()
	h.Set("x-ms-request-id", "0f1e2d3c-0000-0001-0002-000000000000")
	h.Set("x-ms-version", "2025-01-05")
	h.Set("Date", s.opts.Now().UTC().Format(http.TimeFormat))
	for k, v := range a.header {
		h.Set(k, v)
	}
	if a.code != "" {
		h.Set("x-ms-error-code", a.code)
		h.Set("Content-Type", "application/xml")
		a.body = []byte(`<?xml version="1.0" encoding="utf-8"?><Error><Code>` + a.code + `</Code></Error>`)
	}
	if r.Method == http.MethodHead {
		if a.code == "" {
			h.Set("Content-Length", strconv.FormatInt(a.length+fault.Wrong, 10))
		}
		w.WriteHeader(a.status)
		return
	}
	body := bytes.Clone(a.body)
	if size, total, ok := strings.Cut(h.Get("Content-Range"), "/"); ok && fault.Wrong != 0 {
		n, _ := strconv.ParseInt(total, 10, 64)
		h.Set("Content-Range", fmt.Sprintf("%s/%d", size, n+fault.Wrong))
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	cut := int64(len(body))
	breaks := r.ContentLength == 0 && (fault.Reset || fault.Stall || fault.EarlyEOF)
	if breaks {
		cut = min(cut, fault.After)
	}
	if r.ContentLength == 0 && fault.Flip && fault.After < int64(len(body)) {
		body[fault.After] ^= 1
	}
	for at := int64(0); at < cut; {
		n := min(cut-at, 64<<10)
		if s.line.carry(r.Context(), n) != nil {
			return
		}
		if _, err := w.Write(body[at : at+n]); err != nil {
			return
		}
		at += n
	}
	if !breaks {
		return
	}
	_ = http.NewResponseController(w).Flush()
	if fault.Stall {
		s.stall(r.Context())
	}
	breakConnection(w)
}

// work does what a permitted request asks for.
func (s *BlobServer) work(container string, req *BlobRequest, r *http.Request, body []byte, sum [md5.Size]byte) answer {
	for _, name := range []string{"x-ms-structured-body", "x-ms-content-crc64"} {
		if r.Header.Get(name) != "" {
			return refuse(http.StatusBadRequest, "UnsupportedHeader")
		}
	}
	// Two values are one header with a comma in it, which is no MD5.
	if want := strings.Join(r.Header.Values("Content-MD5"), ", "); want != "" && want != base64.StdEncoding.EncodeToString(sum[:]) {
		return refuse(http.StatusBadRequest, "Md5Mismatch")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.containers[container]
	o := c.objects[req.Path]
	if req.Op != BlobList && req.Op != BlobLease {
		if no := s.conditions(o, req, r); no.code != "" {
			return answer{refusal: no}
		}
	}
	switch req.Op {
	case BlobPut:
		return s.put(c, o, req, r, body)
	case BlobBlock:
		return s.block(c, o, req, body)
	case BlobCommit:
		return s.commit(o, r, body)
	case BlobBlocks:
		return blocks(o, r.URL.Query().Get("blocklisttype"))
	case BlobGet:
		return get(o, r)
	case BlobHead:
		return head(o)
	case BlobDelete:
		delete(c.objects, req.Path)
		return answer{refusal: refusal{status: http.StatusAccepted}}
	case BlobLease:
		return s.lease(o, r)
	case BlobList:
		return list(c, container, r.URL.Query())
	}
	return refuse(http.StatusBadRequest, "InvalidQueryParameterValue")
}

func refuse(status int, code string) answer { return answer{refusal: refusal{status, code}} }

func ok(status int, header map[string]string) answer {
	return answer{refusal: refusal{status: status}, header: header}
}

// conditions checks that an object is there, its lease, and If-Match and
// If-None-Match.
func (s *BlobServer) conditions(o *blobObject, req *BlobRequest, r *http.Request) refusal {
	there := o != nil && o.committed
	writes := req.Op == BlobPut || req.Op == BlobBlock || req.Op == BlobCommit
	switch {
	case !there && !writes && (req.Op != BlobBlocks || o == nil):
		return noBlob
	case r.Header.Get("If-None-Match") == "*" && there:
		return refusal{http.StatusConflict, "BlobAlreadyExists"}
	case r.Header.Get("If-Match") != "" && (!there || r.Header.Get("If-Match") != o.etag):
		return refusal{http.StatusPreconditionFailed, "ConditionNotMet"}
	}
	if !writes && req.Op != BlobDelete {
		return refusal{}
	}
	held := o != nil && o.lease.until.After(s.opts.Now())
	id := r.Header.Get("x-ms-lease-id")
	switch {
	case held && id == "":
		return refusal{http.StatusPreconditionFailed, "LeaseIdMissing"}
	case held && id != o.lease.id:
		return refusal{http.StatusPreconditionFailed, "LeaseIdMismatchWithBlobOperation"}
	case !held && id != "":
		return refusal{http.StatusPreconditionFailed, "LeaseNotPresentWithBlobOperation"}
	}
	return refusal{}
}

// touch gives an object a new ETag and time and returns them as headers.
func (s *BlobServer) touch(o *blobObject) map[string]string {
	s.etags++
	o.etag, o.modified = fmt.Sprintf(`"0x%X"`, s.etags), s.opts.Now().UTC()
	return map[string]string{"ETag": o.etag, "Last-Modified": o.modified.Format(http.TimeFormat)}
}

// lease acquires, renews, changes, releases and breaks.
func (s *BlobServer) lease(o *blobObject, r *http.Request) answer {
	if o == nil || !o.committed {
		return answer{refusal: noBlob}
	}
	now := s.opts.Now()
	held := o.lease.until.After(now)
	id := r.Header.Get("x-ms-lease-id")
	seconds, _ := strconv.Atoi(r.Header.Get("x-ms-lease-duration"))
	switch action := r.Header.Get("x-ms-lease-action"); {
	case action == "acquire":
		id = r.Header.Get("x-ms-proposed-lease-id")
		if held && o.lease.id != id {
			return refuse(http.StatusConflict, "LeaseAlreadyPresent")
		}
		if seconds < 15 || seconds > 60 || id == "" {
			return refuse(http.StatusBadRequest, "InvalidHeaderValue")
		}
		o.lease = blobLease{id: id, until: now.Add(time.Duration(seconds) * time.Second)}
		return ok(http.StatusCreated, map[string]string{"x-ms-lease-id": id, "ETag": o.etag})
	case o.lease.id == "":
		return refuse(http.StatusConflict, "LeaseNotPresentWithLeaseOperation")
	case action == "break":
		o.lease = blobLease{id: o.lease.id, broken: true}
		return ok(http.StatusAccepted, map[string]string{"x-ms-lease-time": "0"})
	// Repeated after it was done, it is done again.
	case action == "change" && held && (o.lease.id == id || o.lease.id == r.Header.Get("x-ms-proposed-lease-id")):
		o.lease.id = r.Header.Get("x-ms-proposed-lease-id")
		return ok(http.StatusOK, map[string]string{"x-ms-lease-id": o.lease.id, "ETag": o.etag})
	case o.lease.id != id:
		return refuse(http.StatusConflict, "LeaseIdMismatchWithLeaseOperation")
	case action == "renew" && o.lease.broken:
		return refuse(http.StatusConflict, "LeaseIsBrokenAndCannotBeRenewed")
	case action == "renew":
		// One that has ended may be renewed as long as nobody else has taken it.
		o.lease.until = now.Add(time.Minute)
		return ok(http.StatusOK, map[string]string{"x-ms-lease-id": id, "ETag": o.etag})
	case action == "release":
		o.lease = blobLease{}
		return ok(http.StatusOK, map[string]string{"ETag": o.etag})
	}
	return refuse(http.StatusBadRequest, "InvalidHeaderValue")
}
