//! What Sage can hold of the texts that it is to be given. Asked before anything is written, by whichever way.

use counterpart_config::{Lengths, SageTexts};

use super::SageWriter;
use super::context::JobContext;
use super::stop::Stop;
use crate::intent::content_of;
use crate::job::PlaceOrder;
use crate::ports::prelude::*;

impl<P: Ports> SageWriter<'_, P> {
    /// How the company's Sage holds texts.
    pub(super) async fn texts(&self, context: &JobContext<'_, P>) -> Result<SageTexts, Stop> {
        let asked = context.agent.text_rules(context.company);
        let rules = self.call(context, asked).await?;
        let lengths: Lengths = rules.lengths.into_iter().collect();
        Ok(SageTexts::new(
            rules.code_page.as_deref(),
            lengths,
            context.settings.transliterate,
        ))
    }

    /// The order as Sage can hold it. Its content stays that of the sale: it is compared with what the sale says next.
    pub(super) async fn fitted(
        &self,
        context: &JobContext<'_, P>,
        place: &PlaceOrder,
    ) -> Result<PlaceOrder, Stop> {
        let texts = self.texts(context).await?;
        let mut fitted = place.clone();
        fitted.content = Some(content_of(&place.order));
        let module = &context.job.event.module;
        context.orders()?.fit(module, &mut fitted.order, &texts)?;
        Ok(fitted)
    }
}
