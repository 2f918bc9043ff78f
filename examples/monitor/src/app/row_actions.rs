//! What can be done with what a row stands for: its log can be followed, it can be stopped.

use super::effects::App;
use super::overlay::{Overlay, RowView};
use super::severity::Severity;
use super::tail::Tail;
use crate::model::{Row, Table};

impl App {
    /// Starts and ends what the open overlay needs: a log is followed while it is open.
    pub(super) fn serve_overlay(&mut self) {
        match &self.state.overlay {
            Overlay::Tail(view) if !self.is_followed(&view.row.key) => {
                let (table, row) = (view.table, view.row.clone());
                self.follow_log(table, row);
            }
            Overlay::Tail(_) => {}
            _ if self.followed.take().is_some() => self.state.tail.clear(),
            _ => {}
        }
    }

    fn is_followed(&self, key: &str) -> bool {
        self.followed.as_deref() == Some(key)
    }

    fn follow_log(&mut self, table: Table, row: Row) {
        self.followed = Some(row.key.clone());
        self.state.tail.clear();
        let source = self.fetcher.source().clone();
        let worker = self.screen.worker("log").exclusive();
        let state = self.ui.focus(|app: &mut Self| &mut app.state);
        self.state.tail.fetch_parts(worker, &state, move |cx, landing| {
            source.follow_log(table, &row, cx, &|lines| {
                Ok(landing.update(cx, move |tail| tail.get_or_insert_with(Tail::default).extend(lines))?)
            })
        });
    }

    /// Answers yes to what the open overlay asks. False if it asks nothing.
    pub(super) fn confirm(&mut self) -> bool {
        let Overlay::Stop(_) = &self.state.overlay else { return false };
        if let Overlay::Stop(view) = std::mem::take(&mut self.state.overlay) {
            self.stop(*view);
        }
        true
    }

    fn stop(&mut self, RowView { table, row, .. }: RowView) {
        let (source, ui) = (self.fetcher.source().clone(), self.ui.clone());
        let worker = self.screen.worker(format!("stop {}", row.key)).exit_on_error(false);
        worker.thread(move |cx| {
            let stopped = source.stop(table, &row, cx);
            cx.check()?;
            let (severity, text) = match stopped {
                Ok(()) => (Severity::Information, format!("{} is being stopped", row.key)),
                Err(error) => (Severity::Error, format!("Error stopping {}: {error}", row.key)),
            };
            Ok(ui.post(move |app| {
                app.state.toasts.push(severity, None, text);
                app.fetch(&[table]);
            })?)
        });
    }
}

#[cfg(test)]
mod tests;
