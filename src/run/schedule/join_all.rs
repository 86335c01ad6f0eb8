//! Waits for several futures in one task. So the futures may borrow.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A future and, once it has ended, its result.
type Joined<F> = (Pin<Box<F>>, Option<<F as Future>::Output>);

/// Runs all futures at the same time. Returns their results in their order.
pub(crate) async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Joined<F>> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for (future, result) in &mut running {
            if result.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *result = Some(output),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::join_all;

    #[tokio::test]
    async fn results_come_in_order_whatever_ends_first() {
        let (send, receive) = tokio::sync::oneshot::channel();
        let first: Pin<Box<dyn Future<Output = u8>>> = Box::pin(async { receive.await.unwrap_or(0) });
        let second: Pin<Box<dyn Future<Output = u8>>> = Box::pin(async {
            let _ = send.send(1);
            2
        });
        assert_eq!(join_all([first, second]).await, [1, 2]);
    }

    use std::future::Future;
    use std::pin::Pin;
}
