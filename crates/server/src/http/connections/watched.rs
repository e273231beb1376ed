//! Wrappers that tell the stage of a connection as it goes by: around the bytes, the body of a request, the body of an answer.
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use poem::Body;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};
use tokio_io_timeout::TimeoutStream;

use super::stage::Open;

/// Maximum time for the rest of a request that is answered before it came whole.
const LINGER: Duration = Duration::from_secs(2);

/// The bytes of a connection. A client that does not read is cut off.
///
/// Whoever closes a connection with bytes unread resets it, and the client may lose the answer: the rest of a request that was not
/// read is read, and dropped, before the connection is closed.
pub(super) struct Watched {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    open: Arc<Open>,
    /// The end of its lingering, once its answer is sent.
    lingers: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    /// The bytes of this stream. Small answers go out at once.
    pub(super) fn new(stream: TcpStream, write: Duration, open: Arc<Open>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(write));
        Ok(Self { stream: Box::pin(stream), open, lingers: None })
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = self.stream.as_mut().poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.open.received();
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(self.stream.as_mut().poll_flush(cx));
        self.open.flushed();
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingers.is_none() {
            ready!(this.stream.as_mut().poll_shutdown(cx))?;
            if !this.open.has_unread() {
                return Poll::Ready(Ok(()));
            }
        }
        let until = this.lingers.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        let mut bytes = [0; 4096];
        while until.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut bytes);
            if ready!(this.stream.as_mut().poll_read(cx, &mut buffer)).is_err() || buffer.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// The body of a request, which tells when it came whole.
struct Coming {
    body: BoxBody<Bytes, io::Error>,
    open: Arc<Open>,
}

/// The body of a request on this connection.
pub(super) fn coming(body: Body, open: Arc<Open>) -> Body {
    BoxBody::new(Coming { body: body.into(), open }).into()
}

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() || self.body.is_end_stream() {
            self.open.body_came();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer, which tells when its last bytes are made.
pub(super) struct Answered<B> {
    body: B,
    _last: Last,
}

/// Tells that an answer is made, when it is dropped.
struct Last(Arc<Open>);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.answered();
    }
}

impl<B> Answered<B> {
    /// The body of an answer on this connection.
    pub(super) fn new(body: B, open: Arc<Open>) -> Self {
        Self { body, _last: Last(open) }
    }
}

impl<B: HttpBody + Unpin> HttpBody for Answered<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
