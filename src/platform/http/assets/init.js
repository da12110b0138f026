// Everything works without this: it folds the menu on a phone and moves the focus to an error summary.
import { Button, createAll, ErrorSummary, NotificationBanner, ServiceNavigation } from './govuk-frontend.js';

for (const component of [Button, ErrorSummary, NotificationBanner, ServiceNavigation]) createAll(component);
